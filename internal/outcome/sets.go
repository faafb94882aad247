package outcome

// sets are the word classes that patterns name with @. Contractions are spelled
// out before matching, so "won't" is "will not" here.
var sets = map[string]string{
	"i": "i we",
	"adv": `definitely certainly gladly happily also just still really absolutely surely only then now actually
		probably always do of course totally personally honestly truly very likely so even willingly today
		gratefully most pretty kinda quite literally simply be going to like gonna maybe`,
	"give":   "donate give contribute pledge sponsor spare",
	"giving": "donating giving contributing pledging sponsoring",
	"make":   "make send mail write cut put drop do get mail throw chip kick bring return submit offer set",
	"making": "making sending mailing writing cutting putting dropping doing throwing chipping",
	"some":   "some something little bit few couple portion part half",
	"fits":   "good great fine okay cool reasonable fair perfect doable manageable alright",
	"threat": "report reporting sue suing lawyer attorney police blocking harassment complaint ftc fcc authorities cops sheriff court",
	"shop":   "business restaurant pizzeria store shop hospital hotel motel salon clinic company office practice firm pharmacy garage bank agency bar dealership warehouse cafe library school station department courthouse church police fire bakery barbershop market grocery florist laundry grill deli daycare",
	"gift":   "donation donations contribution contributions pledge gift payment check cheque",
	"chip":   "chip pitch kick throw",
	"glad":   "happy glad willing honored delighted pleased able ready prepared proud thrilled inclined comfortable good okay fine more down",
	"help":   "help support assist participate join",
	"yes":    "yes sure okay absolutely definitely certainly gladly indeed fine",
	"aux":    "would will could can do does did are is may might shall have has should was were am",
	"wh":     "how what which when where who why whose",
	"calling": `calling phoning ringing texting contacting bothering harassing dialing pestering hounding messaging
		disturbing bugging annoying hassling badgering spamming`,
	"contact": "call phone ring text contact bother dial telephone harass message pester disturb bug recall annoy hassle badger spam",
	"me":      "me us here this my mine our",
	"day": `monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun weekend
		mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays weeknights mornings evenings`,
	"part": "morning afternoon evening night noon lunchtime lunch dinner supper breakfast",
	"kin": `husband wife spouse partner son daughter mother mom mum father dad brother sister accountant
		grandmother grandfather`,
	"they":  "he she they",
	"us":    "you guys folks people ya",
	"good":  "good great nice wonderful awesome fantastic amazing interesting cool lovely noble worthy excellent beautiful incredible important terrific neat worthwhile fabulous impressive inspiring",
	"cause": "cause charity organization organisation mission work program programs foundation group idea campaign project",
	"cash":  "money cash funds check cheque",
	"llamar": `llame llamen llames llamar llamarme llamarnos llamando llamadas llamada marque marquen marcar marcarme
		moleste molesten molestar molestarme molestando contacte contacten contactar contactarme telefoneen
		llamandome llaman llamarlo marcando molestes molestarnos contactarnos contactando telefonee telefonear
		hable hablen hablarme hablarnos insista insistan fastidie fastidien`,
	"quitar": `quite quiten quita quitar quitarme saque saquen saca sacar sacarme borre borren borra borrar borrarme
		elimine eliminen elimina eliminar eliminarme remueva remuevan remover retire retiren retirar tache tachen
		quitarnos quitenos sacarnos borrarnos eliminarnos removerme retirarme retirarnos suprima supriman`,
	"quitame": `quiteme quitenme quitame saqueme saquenme sacame borreme borrenme borrame elimineme eliminenme eliminame
		remuevame remuevanme retireme retirenme quitenos saquenos quitarme sacarme borrarme eliminarme retirarme
		borrenos eliminenos tacheme tachenme`,
	"appeler": `appeler appelez appelle appelles appeliez rappeler rappelez rappelle appel appels appele appelee rappelee
		telephonez telephoner telephoniez contacter contactez contacte contactiez contactee derangez deranger
		harceler harcelez importuner sonner appellez appeles derange joindre rejoindre sollicitez solliciter
		embeter embetez achaler achalez`,
	"retirer": `retirez retirer retire enlevez enlever enleve supprimez supprimer supprime rayez rayer raye effacez
		effacer efface otez oter radiez radier biffez sortez desinscrire desinscrivez retires ote biffer`,
	"rufen": `rufen ruf ruft rufe anrufen anruft`,
	"streichen": `streichen streich streicht loschen losch loscht nehmen nimm nehmt entfernen entferne entfernt tilgen
		streiche gestrichen losche geloscht entfern austragen rausnehmen herausnehmen tragen`,
	"ligar": `ligue liguem liga ligar ligarem ligando ligacoes ligacao telefone telefonem telefonar telefonemas chamadas
		chamar chame chamem contate contatem contactem contacte contactar contatar incomodar perturbar importunar
		ligam telefonando incomode incomodem incomodando perturbe perturbem perturbando chatear chateie importune
		importunem`,
	"tirar": `tire tirem tira tirar tirarem remova removam remover retire retirem retirar apague apaguem apagar exclua
		excluam excluir risque risquem elimine eliminem delete deletem eliminar riscar`,
	"chiamare": `chiami chiamate chiamatemi chiamatela chiamare chiamarmi chiamarci chiamarla chiama chiamarlo telefoni
		telefonate telefonare telefonarmi telefonatemi contatti contattate contattatemi contattare contattarmi
		disturbi disturbate disturbare disturbarmi richiami richiamate richiamatemi richiamare richiamarmi
		chiamateci chiamino telefonarci contattarci disturbatemi disturbarci importunare`,
	"togliere": `togliete tolga togliere togli toglietemi toglieteci cancelli cancellate cancellare cancella cancellatemi
		rimuova rimuovete rimuovere rimuovi elimini eliminate eliminare elimina levate levi leva depenni depennate
		toglimi togliermi tolgano cancellarmi cancellami cancellateci rimuovetemi rimuovermi eliminatemi levatemi
		levare depennare depennatemi`,
	"post":     "mail email post letter letters writing e postal",
	"list":     "list lists database system records files roster directory file registry books sheet sheets queue rotation dialer contacts computers roll rolls rolodex",
	"time":     "moment time minute point second",
	"paidverb": "paid mailed sent submitted completed dropped finished processed venmoed zelled wired transferred",
	"paidwhen": "yesterday today morning night online website site app link internet paypal venmo text phone recently monday tuesday wednesday thursday friday saturday sunday ago web portal page",
	"much":     "more much lot lots all most whole entire full large big huge bigger larger higher everything tons",
}

// openers may stand before a clause without a comma.
var openers = wordSet("and|but|so|well|yes|no|nope|okay|sure|then|because|oh|um|uh|uhm|hmm|like|please|sorry|actually|just|" +
	"absolutely|definitely|or|honestly|sir|madam|ma'am|hey|look|listen|if|though|except|since|that|you|y|e|pero|si|thanks|now|" +
	"afraid|unfortunately|currently|yeah|thank|today|again|said")

// clauseStart are words that begin a new clause, so that "$" holds before them.
var clauseStart = wordSet("and|but|so|because|or|thanks|thank|please|sorry|okay|bye|then|though|unless|if|sir|ma'am|" +
	"honey|dear|man|guys|y|pero|gracias|i|we|right|now|at|really|today|tonight|yes|no|you|it|that|he|she|but")
