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
	say(wrong, "wrong_number", `
		wrong|incorrect number|person|phone|house|guy|lady|woman|man|place|party|family
		nobody|anybody|anyone|no one? one? ..2 by|with|of|named|called that|this|the|<name> name?
		no one here|by|named|called ..1 by|named|called
		nobody|anyone|anybody|no one? named|called
		no one named|called
		no <name> here|lives|at
		there is|are|was no|not ..3 here|name|number|house
		is|are|does not ..2 live|at|have|lives|reside ..2 here|number
		no longer at|has|have|lives|live|uses|works|work|with|owns|reside|resides ..3 here|number|us|address|phone|company
		@they|<name>|person moved|left ..2 away|out|years|ago|long|months|company
		not a|my|his|her|their|the|<name> ..1 number
		not his|her|their|<name> phone|number
		changed|got|has|have @adv*1 a|his|her|their new|different? number
		never heard of him|her|them|that|<name>
		not know|recognize ..3 anyone|anybody|him|her|person|named|name|<name>|who that|this|is|by|he|she|person|$
		getting|get calls for him|her|them|<name>|someone|somebody
		not know him|her|them|any|anyone|anybody|<name> $
		not know a|any|anyone|anybody|no ..3 name|named|called|by|<name>
		dialed|called|calling|got|have|misdialed|reached @adv*1 wrong|incorrectly
		misdialed
		not the right number|person|house|phone
		no such person|people|name|number
		has|have not|never lived|worked|been|resided ..1 here|there|at
		not ..2 phone|number any
		not who|the you|one|person ..3 looking|calling|want|need|trying
		not me $
		not my name
		my name is not
		do not have a|any|anyone|anybody ..2 here|named|called|<name>
		used to live|be|work|belong ..4 here|number|phone|house|place
		previous|former|old owner|tenant|tenants|occupant|resident|owners
		my ex wife|husband
		@they|<name>|person moved to|in
		bought ..2 house|place
		you are|have calling|called|reached|dialed ..5 courthouse|court|hospital|school|office|department|store|restaurant|hotel|library|clinic|company|station|business|shop
		this is a|an ..3 office|practice|firm|pharmacy|garage|salon|bank|agency|motel|bar
		has|got a new one|number|phone
		mixed|mix me|up|us with|someone
		mistaken me for
		@i @adv*2 just|only|recently got|have|had this|the number|phone
		had this|the|my number|phone|it ..3 years|months|weeks|since|<num>
		number has been|was|is ..2 disconnected|reassigned|changed
		this is|you|have|reached ..4 business|restaurant|pizzeria|store|shop|hospital|hotel|salon|clinic|company
		not the|that person you|that`)
	say(wrong, "out_of_service", `
		number you have|are ..1 dialed|called|reached|calling ~6 service|disconnected|changed
		number ..3 no longer in service
		not in service`)
	say(wrong, "deceased", `
		@they|<name> @adv*1 has|have|is|was|had? ..1 passed|died|deceased|dead
		@they|<name> ..2 passed away|on|last|in
		no longer with us
		lost him|her|them last|in|this|a|to
		@they|<name> ..2 not with us
		is|are|was deceased`)
	say(wrongIfAsked, "deceased", `
		my @kin ..3 passed|died|deceased|dead
		no longer alive
		not know a|any|no ..1 $
		has|have not been with|at|in the|this|us|here
		no ..1 this is the|a|an
		this phone|number is mine
		this is my phone|number|cell
		@i am not him|her|he|she|<name>
		this is not him|her|he|she|<name>`)
	say(wrong, "wrong_number_es", `
		numero equivocado|incorrecto
		equivocado de? numero|persona
		esta|estan equivocado|equivocada|marcando
		se equivoco|equivocaron
		no vive|trabaja aqui
		aqui no vive|hay|trabaja
		ya no vive
		no conozco|conocemos a
		nadie ..3 ese|con|llama nombre|asi|ese
		no es su|el|este numero de?
		fallecio
		se murio
		ya murio`)
	say(callback, "call_back", `
		call|ring|phone|buzz me|us|him|her|them|back|again|this|the? ..2 back|later|tomorrow|another|again|in|next|on|after|tonight|this|around|at|some|when|monday|first|any|before|closer
		call back
		call @day|tomorrow|later|again|after|around|tonight|next
		call me|us @day|<amt>|<num>
		call|phone|ring|reach|try my|the|his|her cell|mobile|office|home|work|house
		call|phone|ring reach? me|us|him|her at|on
		try me|us|him|her|back|again|calling|later|tomorrow|this|after|around|in|next|@day ..2 back|again|later|tomorrow|another|in|next|on|after|tonight|at|some|then|when|$
		try again|back|later|tomorrow
		give me|us|him|her a ..1 call|ring|buzz|shout
		reach me|him|her|us|out ..2 at|after|on|later|tomorrow|in|next
		catch me|him|her|us ..2 at|after|on|later|tomorrow|in|another|when|around
		can|could|may|might|would we|you|i ..2 talk|speak|call|phone|try|chat|ring|connect|pick ..3 later|tomorrow|another|again|in|next|on|after|tonight|back|some|then|when|@day|at
		can|could|may|we do this|it|that later|tomorrow|another|again|tonight|@day|next
		calling|trying|ringing|phoning me|us|back|him|her|again|later ..2 back|later|tomorrow|another|again|this|in|at|on|after|when|tonight|$
		reschedule
		schedule|arrange|book a ..1 call|time
		set up a time
		@i am|will be? @adv*1 free|available ..1 at|after|tomorrow|on|@day|later|tonight|in|around
		give me <num>
		give me an|a|half|another few? hour|minute|bit|while
		call|try later
		^ later please
		evenings|mornings|afternoons|weekends|weekdays|tomorrow|later|@day|tonight|@part|day|<num> is|are|would|works|work ..2 better|best|good|fine|easier
		another|different|better time|day|moment|occasion
		talk|speak|chat ..3 later|tomorrow|another|tonight|@day|next
		contact me ..2 later|tomorrow|next|again|in|after|on
		check|get back with|to|in|on me|us|tomorrow|later|next|@day|after
		follow up ..3 later|tomorrow|next|after|in
		would|be|is better to call
		best|better time|to ..2 call|reach|is|would
		<num> is|would|works ..2 better|best
		phone|ring me|us|back ..1 back|later|tomorrow|again`)
	say(callbackWeak, "bad_time", `
		not a|really|the ..3 good|great|best|convenient ..1 time|moment|day
		is|at|a|caught|such ..4 bad|busy|terrible|inconvenient time|moment
		am|are|is @adv*2 driving|eating|cooking|sleeping
		in|at|on a|the|my|with ..2 meeting|middle|car|road|appointment|doctor|store|dinner|lunch
		@i am|are @adv*2 at work|dinner|lunch
		on the other line
		@i am|are @adv*3 busy
		bad time|timing
		now is @adv*1 not|a|really
		at a funeral|wedding
		feeding the|my
		on my|our|vacation|the way|until|phone
		about to|just ..2 leave|walk|head|go|board|step|eat
		walking|running out|into ..1 the? door|late|meeting
		@they|<name>|is|@kin @adv*1 is? not|out ..2 here|home|available|in|around|right
		@they|@kin is|are @adv*1 out|sleeping|asleep|away|busy|working|at
		@they|@kin will|should|gets|comes|get be? ..1 back|home|in|here
		can not talk|speak
		not able to talk
		my hands are`)
	say(machine, "greeting", `
		at|after|hear|following|wait for? the tone|beep
		leave|leaving|record|recording|recorded ..3 message|name ..8 tone|beep|number|back|return
		leave|record ..2 detailed|brief|short ..1 message
		please leave|record ..3 message|name|number
		mailbox is|has|that|you|belonging ..4 full|not|set|been|reached
		voice mail|message|mailbox box|system|of|for|is ..2 full|not|box|<name>|reached|has|set|of|for|$
		forwarded to ..4 voice|mail|message|messaging|system|automated
		automated|automatic|answering voice|machine|service|system|messaging|assistant|attendant
		you have|reached ..1 reached the|<name>|<num>|us|voice|a|my ..5 voice|mailbox|desk|phone|residence|family|household|home|office|cell|mail
		you have reached
		can|am|are not ..3 come|take|answer|get|pick|available|able ..3 to|the|your|my|up|phone|call ..2 phone|call|right|up|calls
		unable to take|come|answer|get
		not available ..4 leave|tone|message|record
		record your message
		no one|body is available
		away from ..1 desk|phone|office
		inbox|memory is full
		not accepting messages|calls
		try your call again
		sound of the
		is @adv*1 unavailable
		using a|call screening
		screening service
		para dejar
		reason for ..1 calling|call|your
		to leave a call back? number|message
		press|dial|pound|star one|pound|<num>|star|key|to|or|hang ..3 more|for|to|options|repeat|page
		when|once you|are? ..2 finished|done recording|hang|simply|you|press
		get|return|call back? to|your|you call|back|you|as ..2 as|soon|shortly|possible|call|earliest
		as soon as possible
		person|party|customer|subscriber|number you ..1 are|is|have trying|calling|called|dialed|reached ..6 not|unavailable|message|available|forwarded
		deje|dejar|dejenos ..2 mensaje
		despues del|de tono|senal
		buzon de voz
		laissez ..2 message
		apres le|bip bip|signal|sonore?`)
	say(machineWeak, "greeting_part", `
		not available
		leave a|your message|name|number
		hi you have
		beep
		mailbox
		please hold|state|say|stay
		the tone
		thank|thanks you? for? calling
		have a ..2 day|evening|night|one
		god bless
		at the? extension
		main menu
		<num> <num> <num>`)
}
