package outcome

// Opt-outs in the other languages of the house. Per language: a negation over
// the verbs of calling, ceasing to call, taking off a list, being left in peace.
// Accents are folded before matching.
func init() {
	say(optOut, "opt_out_es", `
		no me llame|llamen|llames|llamas|moleste|molesten|marque|marquen|contacte|contacten
		no nos llame|llamen|molesten|moleste
		no llame|llamen|llames ..1 mas|aqui|este|otra|nunca|ya|a
		no llamen|llame $
		no molesten|moleste|molestar|molestarme
		no me|nos esten|este|estes llamando|marcando|molestando
		lista de no
		no me|nos? vuelva|vuelvan|vuelvas a llamar|llamarme|llamarnos|marcar|molestar
		deje|dejen|deja|paren|pare de estar? llamar|llamando|llamarme|llamarnos|molestar|molestarme|marcar
		quiteme|quitenme|quitame|saqueme|saquenme|borreme|borrenme|elimineme|eliminenme|remuevame|remuevanme
		quite|quiten|saque|saquen|borre|borren|elimine|eliminen ..1 mi|este|numero|nombre ..4 lista|numero|nombre|base
		me quite|quiten|saque|saquen|borre|borren|elimine|eliminen ..4 lista|base
		de la|su lista
		no quiero|deseo ..2 mas|recibir|que ..2 llamadas|llamen|llame|llamando
		no quiero mas llamadas
		no mas llamadas
		basta de llamadas|llamar
		ya no me|nos? llame|llamen|llames|marque|marquen|moleste|molesten
		deje|dejen|deja|dejeme|dejenme|dejame ..1 en paz
		no me hable|hablen ..1 mas
		no|nunca|jamas ..3 vuelva|vuelvan|vuelvas|sigan|siga|sigas ..2 @llamar
		no|nunca|jamas quiero|queremos|deseo|deseamos|necesito|autorizo|acepto|permito ..5 @llamar
		no|nunca|jamas ..2 @llamar ..3 mas|nunca|jamas|otra|aqui|nadie|numero|casa|telefono
		nunca|jamas mas? ..1 me|nos ..1 @llamar
		dejen|deje|deja|dejar|dejara|dejaran|parar|pare|paren|basta|basta|cese|cesen ya? de|con ..3 @llamar
		@quitar ..4 lista|listas|base|sistema|registro|registros|numero|nombre|telefono|datos
		@quitame
		me|nos @quitar
		me|nos puede|puedes|pueden|podria|podrian @quitar
		dar|dame|deme|denme|darme ..1 de baja
		basta de ..2 llamadas
		dejenos|dejennos en paz
		no ..2 estar|aparecer|seguir|figurar ..3 lista|base|sistema
		lista de no llamar`)
	say(optOut, "opt_out_fr", `
		ne|n m|me|nous|plus appelez|appeler|rappelez|contactez|telephonez|derangez ..1 plus|jamais|pas
		ne|n appelez|rappelez|telephonez ..1 plus|jamais
		ne plus ..1 appeler|rejoindre|contacter|rappeler
		n appelez|appeler plus|jamais
		ne m appelez plus|jamais|pas
		ne mappelez|mapelez plus|jamais|pas
		laissez moi|nous tranquille|tranquilles
		ne ..2 plus ..2 appels|appel
		arretez|cessez|arreter de|d|vos|ces|les ..2 appels|appeler|telephoner|deranger|harceler|contacter
		retirer|enlever|supprimer|rayer|effacer|radier ..1 mon|ce|nom|numero
		retirez|enlevez|supprimez|rayez|effacez|otez ..1 moi|mon|nous|ce|nom|numero ..5 liste|numero|nom|base
		retirez|enlevez|supprimez|rayez moi
		plus d appels
		ne|n|m|me|nous ..3 @appeler ..1 plus|jamais
		@appeler plus|jamais ici|jamais|chez|ce|cette|$
		arretez|cessez|arrete|arreter|cesser|stop de|d|avec|les|vos|ces ..3 @appeler
		veux|veut|voulons|souhaite|desire|aimerais plus|pas ..3 que|etre|recevoir|d|qu|vos ..4 @appeler
		veux|souhaite plus ..2 d ..1 appels
		@retirer ..5 liste|listes|fichier|fichiers|base|numero|nom|systeme|repertoire|coordonnees
		@retirer moi|nous
		me|m|nous @retirer
		plus|pas ..1 etre|figurer ..3 liste|fichier
		fichez|foutez|laissez moi|nous la? ..1 paix
		laissez moi|nous ..1 en paix
		ne veux|souhaite plus ..5 appels|appele|appelle|appel|contacte|appelee`)
	say(optOut, "opt_out_other", `
		rufen|ruf|ruft ..5 nicht|nie ..1 mehr|wieder|an
		horen|hor sie? auf ~4 anzurufen|anrufen
		keine ..1 anrufe
		streichen|loschen|nehmen|entfernen|entferne sie? bitte? mich|meine|meinen ..4 liste|nummer|namen|von|aus|telefonnummer
		keine anrufe mehr
		lassen|lass sie? mich|uns ..1 in ruhe
		nicht|nie|keinesfalls ..3 angerufen|kontaktiert|belastigt|gestort
		nie|niemals wieder ..2 an|anrufen|anzurufen|kontaktieren
		nicht|nie ..2 anrufen|anzurufen
		nicht|nie ..1 mehr|wieder ..2 an|anrufen|bei|kontaktieren|melden|belastigen
		@rufen ..4 nicht|nie ..2 an|mehr|wieder
		belastigen|storen|kontaktieren sie|uns|mich ..3 nicht
		unterlassen|unterlasst|beenden|stoppen ..4 anrufe|anrufen|belastigung
		keine ..2 anrufe|werbeanrufe|telefonanrufe
		schluss|genug mit|von ..3 anrufen|anruferei|anrufe
		aufhoren ..4 anzurufen|anrufen
		hor|horen|hort ~3 auf ..4 anzurufen|anrufen|damit
		@streichen ..4 liste|nummer|namen|name|daten|telefonnummer|kartei|verteiler
		in ruhe lassen
		nicht ..2 auf ..2 liste
		aus|von der|ihrer|eurer ..2 liste|datenbank|kartei ..2 @streichen|gestrichen|geloscht|raus
		nicht mehr ..2 angerufen|kontaktiert
		nicht mehr an|anrufen
		nie wieder an|anrufen`)
	say(optOut, "opt_out_pt", `
		nao ..3 @ligar ..3 mais|nunca|novamente|aqui|numero|vez
		nao me|nos|volte|voltem|precisa|precisam|continue|continuem ..2 @ligar
		nao quero|queremos|desejo|aceito|autorizo ..5 @ligar
		nunca ..1 mais ..2 @ligar
		nunca me? @ligar ..3 mais|novamente
		@ligar nunca|nao mais
		pare|parem|para|deixe|deixem|chega|basta de|com ..3 @ligar
		nao ..1 incomode|incomodem|perturbe|perturbem
		@tirar ..4 lista|listas|cadastro|sistema|nome|numero|telefone|dados
		me|nos @tirar
		nao ..2 estar|ficar ..3 lista|cadastro
		me|nos deixe|deixem|deixa ..1 em? paz
		deixe|deixem me|nos em? paz`)
	say(optOut, "opt_out_it", `
		non chiamate|chiami|chiamatemi|chiamarmi|telefonate ..1 piu|mai
		non mi chiami|chiamate|telefoni|telefonate ..1 piu|mai|$
		smettete|smetta|smettetela di chiamare|chiamarmi|telefonare
		non ..3 @chiamare ..2 piu|mai|ancora|qui|numero|$
		non voglio|vogliamo|desidero|intendo|autorizzo ..5 @chiamare|chiamato|chiamata|contattato|contattata|disturbato|disturbata
		mai piu ..2 @chiamare
		smetta|smettete|smettetela|smettila|smetti|basta|finitela|finiscila|piantatela|piantala di|con|queste|le|telefonate|chiamate ..3 @chiamare|telefonate|$
		basta chiamate|telefonate|chiamare|chiamarmi
		@togliere ..4 lista|liste|elenco|elenchi|database|archivio|numero|nome|sistema|dati|nominativo
		toglietemi|toglimi|cancellatemi|cancellami|rimuovetemi|eliminatemi|levatemi|depennatemi
		non ..2 essere|stare ..3 lista|elenco
		mi|ci @togliere dalla|dal|da
		mi|ci lasci|lasciate|lascia ..1 in pace
		lasciatemi|lasciami|lasciateci|lasciarmi ..1 in pace
		non disturbi|disturbate|disturbatemi|disturbarmi`)
}
