package outcome

// Opt-outs are read generously: a missed one is a broken law, a false one costs
// one call. What takes them back is in gates.go (scheduling, explicit negation).
func init() {
	say(optOut, "stop_calling", `
		stop|quit|cease|discontinue|halt ..4 calls|communication|communications|contact|solicitation|solicitations|texts|messages|robocalls
		make|have|get ..5 calls|calling|this|it ..1 stop|end|stopped
		put ..1 end to ..2 calls|this
		done|through with ..2 calls
		had it|enough with|of ..3 calls|calling
		stop|quit|cease|discontinue ..2 @calling
		stop|quit with|making|all|the|these|your ..3 calls|calling|texts|messages
		stop to @contact
		stop ..1 robocalling|soliciting|spamming
		calls|calling|it|this ..2 to stop
		calls|calling must|should stop
		sick|tired|done|fed of|up|with ..4 calls|calling|called
		is|was|be|better ..1 last time you|they|anyone|anybody|someone ..1 call|calls|called|calling|ring|phone|contact
		last time you|they|anyone call|ring|phone|contact
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
		enough with|of the|these|your calls|calling
		keep calling ..6 report|sue|lawyer|attorney|police
		@contact|calling|called ..5 again|back|more ~6 @threat
		ask|asked|asking|tell|told|telling|begged|warned|said ..7 to @adv*1 stop|quit
		stopped|quit|quitting @calling|contacting
		not @adv*1 @calling ..3 any|again|here|@me|more|ever
		@contact ..3 no more
		cease ..3 desist|calls|calling|contact|contacting|communication|communications
		calls ..3 cease
		knock it off
		press|pressing charges
		next time ..2 @contact ~6 @threat
		@contact ..1 one more time and
		so|that|sure ..1 nobody|no one? @contact|calls|contacts
		cut it|that out with|$
		report|reporting|sue|suing you|them|this ~9 @contact|calling
		lawyer|attorney|police ~6 if you|they|@us @adv*1 @contact|keep
		make|let this|it be? the last
		you|@us need|have|got to stop calling|this|it|these|all|the|$
		calls have|need|must|got|has ..1 stop|end|cease
		no more of this
		block|blocking|blocked you|your|this|the ..1 number|you
		@i @adv*1 blocked you|your|this`)
	say(optOut, "stop", `
		^ @adv*1 please? stop stop*3 please? $
		^ @adv*1 please? stop stop*3 it|that|this $
		enough is enough
		stop|quit blowing|tying|ringing|lighting up ..2 phone|line|cell
		stop|quit tying|blowing|lighting it|us|me|this ..1 up
		stop|quit ringing|using ..2 phone|line|number|cell
		enough|stop already
		why do|must|are @us @adv*1 keep|always|still calling|call|bothering|harassing|phoning
		@us @adv*1 keep|keeps calling|bothering|harassing|phoning ..4 any|stop|enough|after|even|although|though|why
		how many times ..12 stop|quit|no|not|tell|say
		lay|back off $
		give it a rest`)
	say(optOut, "do_not_call", `
		do|should|must|shall|to|please not @adv*1 ever? ever? @contact @me|him|her|them|any|again|back|anybody|my|our|no|anyone|on|at
		do|should|must|shall|to|please|and not @adv*2 ever? @contact
		do not you @adv*1 ever|dare? dare|to? @contact
		not|never to @adv*1 @contact
		would|could|will|can not @adv*1 @contact ..2 me|us|here|again|any|this|him|her|them
		no|not need|have to @adv*1 @contact ..2 again|any
		do not @adv*2 need|have to @adv*1 @contact ..2 again|any
		do not bother calling|phoning|ringing|contacting
		do not bother to @contact
		not come|try|phone|get back ..1 again|here|$
		lost and ..1 not ..1 come|call back|again
		so|sure|that @i ..3 not|never|no @adv*1 called|contacted|phoned|bothered|disturbed|solicited|texted
		only|strictly|just|exclusively ..2 mail|email|e|writing|letter|letters|post ..2 no|not|never ..1 by|phone|calls|call|calling|telephone
		by|in|via mail|email|letter|writing|post ..2 not|never ..1 by|on|over|via the? phone|telephone|call|calls
		national|federal|state registry
		registry $
		on the registry
		attorney general
		not|never @adv*1 reach out to? me|us|here|again|any|anymore|$
		not|never @adv*1 get in touch|contact
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
		no call|calls list|registry
		d n c
		forget ..1 you ever? have|had|got ..1 my|this|the|our? number|info|information
		no call|calls no|text|texts|please|thank|thanks|$
		no|not solicitors|soliciting|solicitation|solicitations|solicit|telemarketers|telemarketing ..4 number|line|house|phone|here|calls|residence|home
		not ..1 accept|take|want|allow|like|appreciate ..2 solicitation|solicitations|solicitors|sales|telemarketing|telemarketers|fundraising|unsolicited
		not ..1 get|receive|have these|more|your|those|such ..1 calls
		dnc
		if you|they|@us @adv*1 do|did|would|could|can|will not @adv*1 @contact
		registered as|on|with ..2 not
		not ..2 want|wish|like|care|consent|agree ..1 be|get|being ..1 called|contacted|phoned|bothered|solicited|disturbed|texted|harassed|asked|approached
		do not use this|my|our|the|it number|line|phone|$
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
		opt|opted|opting ..1 out
		exclude|omit|unlist me|us|my ..3 from|off|of|$
		drop me|us|my ..3 from|off
		put|add|place|get|on ..5 not call|calling @list|registry
		off your|the|this|that|of ..3 @list
		revoke|withdraw|withdrawing|revoking ..3 consent|permission
		never @adv*1 gave|give|granted|signed|consented|agreed ..4 call|calls|calling|called|contact|contacted|permission|consent
		have no|not ..3 right|business|permission|reason to @adv*1 @contact|be
		never asked ..4 @contact|calls|called|contacted
		not ..1 give|have|given|gave|grant ..2 permission|consent
		opt me|us ..1 out
		me|us|number|name|phone ..1 removed|deleted|unsubscribed|blocked
		taken|removed|struck|crossed|scratched ..1 off|from ..3 @list|calling
		taken|struck|crossed|scratched off $
		taken|removed off|from your|this
		not solicit
		do not contact list|registry
		do not have ..2 permission|consent to @contact
		not|never consent|consented ..1 to`)
	say(optOut, "leave_me_alone", `
		leave|let me|us|him|her|them ..2 alone|be
		leave my|our|this|the ..3 alone
		stop|quit bothering|harassing|bugging
		do not bother|disturb me|us
		is|are ..2 harassment|harassing
		harass|harassing me|us|people|her|him
		harassment $
		lose my|this number
		leave|let ..1 us|me be|in peace
		get rid of my|this|our ..1 number|name|info|information|phone
		throw|tear ..1 my|our|this ..1 number|name|info|information ..1 away|out|up`)
}
