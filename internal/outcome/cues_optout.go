package outcome

// Opt-outs are read generously: a missed one is a broken law, a false one costs
// one call. What takes them back is in gates.go (scheduling, explicit negation).
func init() {
	say(optOut, "stop_calling", `
		stop|quit|cease|discontinue ..2 @calling
		stop|quit with|making|all|the|these|your ..3 calls|calling|texts|messages
		stop to @contact
		stop ..1 robocalling|soliciting|spamming
		calls|calling|it|this ..2 to stop
		calls|calling must|should stop
		sick|tired|done|fed of|up|with ..4 calls|calling|called
		last time you|they|anyone|anybody|someone ..1 call|calls|called|ring|phone|contact
		not want ..2 phone? calls
		refrain from @calling
		no further|additional|future|phone|such|other calls|contact|communication|communications
		stop|end|prevent ..2 getting|receiving|these|those ..3 calls
		please|just stop $
		can|could|would|will you @us*1 please? just? stop $
		not ..1 want|wish|like|care to receive ..5 these|calls|any|more|this|them
		not ..1 want|wish|like to get ..3 these|calls
		cancel ..2 calls
		no contact please
		not want any ..1 contact|communication
		not allowed|permitted|authorized|supposed to @contact
		not ..2 allowed|permitted|authorized|supposed to be calling|contacting
		no|not any more? more? calls|calling|texts
		no more ..2 calls|calling|texts
		^ @adv*1 please? stop stop*3 please? $
		enough with|of the|these|your calls|calling
		keep calling ..6 report|sue|lawyer|attorney|police
		call|calling ..5 again|back ~6 report|reporting|sue|suing|lawyer|attorney|police|block|blocking|harassment|complaint|ftc
		block|blocking|blocked you|your|this|the ..1 number|you`)
	say(optOut, "do_not_call", `
		do|should|must|shall|to|please not @adv*1 ever? ever? @contact @me|him|her|them|any|again|back|anybody|my|our|no|anyone|on|at
		do|should|must|shall|to|please|and not @adv*2 ever? @contact
		do not you @adv*1 ever|dare? dare|to? @contact
		not|never to @adv*1 @contact
		would|could|will|can not @adv*1 @contact ..2 me|us|here|again|any|this|him|her|them
		no|not need|have to @adv*1 @contact ..2 again|any
		do not @adv*2 need|have to @adv*1 @contact ..2 again|any
		do not bother calling|to
		make sure ..3 not|nobody|no|never ..2 @contact|calls|contacts|called|contacted
		never @adv*1 ever? @contact ..2 @me|again|him|her|them|$
		never ever @contact
		can|could|would|will you @adv*2 not @adv*1 @contact
		not @adv*1 @contact ..2 me|us|here|number|phone|house|line again|any|anymore
		not to @adv*1 @contact
		not to be @adv*1 called|contacted|phoned|bothered|disturbed
		not be called|contacted|phoned|texted
		not ..2 called|contacted|phoned|bothered again|any
		never be called|contacted
		do|not not? call list|registry
		no call list
		do not use this number
		do|does|did not @adv*2 want|wish|need|like|appreciate|accept|take ..4 calls|calling|called|contacted|phoned|texts
		do|does not @adv*2 want|wish|like|need you|anyone|anybody|people|to|them ..2 @contact|called|contacted ..3 @me|him|her|again|any
		not|never|ever @adv*1 want|wish|hear to? hear ..2 from you|your|them
		never hear from you
		rather|prefer you|not not? you? not? @contact|call`)
	say(optOut, "off_the_list", `
		take|remove|delete|scratch|cross|pull|drop|strike|erase|scrub|wipe ..4 off|from|out|of ..4 @list|calling|call
		get|keep ..4 off ..4 @list|calling|call
		take|get|drop|cross|keep me|us|my|our|this|him|her ..2 off|out $
		take|get me|us|him|her off
		remove|delete|scratch|strike|erase me|us|my|our|this|him|her ..2 off|from|number|name|information|info|phone|contact|details|please|immediately|$
		remove|delete|lose|forget|erase|purge|trash ..1 my|our|this|the ..2 number|name|info|information|contact|phone
		unsubscribe
		not ..2 want|like|wish|asked|ask to be on ..3 @list
		not want ..4 on ..2 @list
		not @adv*1 be on ..2 @list
		get ..3 out of ..2 @list|phone|computer
		want|like|need|get|be ..2 off your|this|the|of ..2 @list|calling|call
		want|like|need off your|this|the
		be|get|getting|been removed|deleted|unsubscribed
		opt|opting ..1 out
		put|add|place|get|on ..5 not call|calling @list|registry
		off your|the|this|that|of ..3 @list
		revoke ..2 consent|permission
		do not have ..2 permission|consent to @contact
		not|never consent|consented ..1 to`)
	say(optOut, "leave_me_alone", `
		leave|let me|us|him|her ..2 alone
		stop|quit bothering|harassing|bugging
		do not bother|disturb me|us
		this is|you ..2 harassment|harassing
		lose my|this number`)
	say(optOut, "opt_out_es", `
		no me llame|llamen|llames|llamas|moleste|molesten|marque|marquen|contacte|contacten
		no nos llame|llamen|molesten|moleste
		no llame|llamen|llames ..1 mas|aqui|este|otra|nunca|ya|a
		no llamen|llame $
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
		basta de llamadas|llamar`)
	say(optOut, "opt_out_fr", `
		ne|n m|me|nous|plus appelez|appeler|rappelez|contactez|telephonez|derangez ..1 plus|jamais|pas
		ne|n appelez|rappelez|telephonez ..1 plus|jamais
		ne plus ..1 appeler|rejoindre|contacter|rappeler
		n appelez|appeler plus|jamais
		ne m appelez plus|jamais|pas
		arretez|cessez|arreter de|d|vos|ces|les ..2 appels|appeler|telephoner|deranger|harceler|contacter
		retirez|enlevez|supprimez|rayez|effacez|otez ..1 moi|mon|nous|ce|nom|numero ..5 liste|numero|nom|base
		retirez|enlevez|supprimez|rayez moi
		plus d appels
		ne veux|souhaite plus ..5 appels|appele|appelle|appel|contacte|appelee`)
	say(optOut, "opt_out_other", `
		rufen sie ..3 nicht|nie mehr|wieder|an
		nicht mehr an|anrufen
		nie wieder an|anrufen
		nao me|nos ligue|liguem|telefone|telefonem
		pare|parem de me? ligar|telefonar
		nao liguem|ligue mais
		non chiamate|chiami|chiamatemi|chiamarmi|telefonate ..1 piu|mai
		non mi chiami|chiamate|telefoni|telefonate ..1 piu|mai|$
		smettete|smetta|smettetela di chiamare|chiamarmi|telefonare`)
}
