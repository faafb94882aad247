package outcome

// Opt-outs that do not say "don't call": the number is off limits, the calls are
// unwelcome, somebody is weary of them. complaint and closure count together
// only, within two messages: "you've called her four times this week" - "no more".
func init() {
	say(optOut, "unwelcome", `
		nobody|none|no one? ..4 wants|want|needs|need|asked|likes|appreciates ..6 calls|calling|called|contacted|solicited|bothered|disturbed|phoned|pestered|texted
		calls|call|calling is|are ..2 unwelcome|unwanted|unsolicited|nuisance|bothering|harassment|annoying
		calls|call|calling is|are|was not ..2 welcome|wanted|appreciated|okay|permitted|allowed
		not welcome to @contact
		if ..5 @contact|calls|called|calling|rings ..5 again|more ~4 @threat
		one more call|time ..1 and|or ~5 @threat
		@threat ..6 if ..5 @contact|calls|rings ..4 again|more
		file|filing|make|making|lodge ..3 complaint|report ..2 about|against|with|on
		report|reporting your|this|the ..2 number|company|organization
		number|phone|line|house|home ..1 is off limits
		no longer ..2 want|wish|like|care|consent|agree ..5 called|calls|contacted|contact|calling|bothered
		longer ..1 call|contact|phone me|us|here|this|my
		did|do not @adv*1 sign up for ..3 calls|this|these|it
		did|have not|never @adv*1 ask|asked|signed|request|requested ..3 @calling|calls|called|contacted
		stay|keep|get off|away off? from? my|our|this ..2 phone|line|number
		tell|have|ask|get your|the|them|whoever|everyone ..3 not|stop|quit ..2 @contact|@calling
		@us ..1 are|have been ..1 blocked
		^ blocked $
		@us ..1 will|do|can|would|did not @adv*1 stop|quit @calling
		no ..2 solicitations|solicitation|robocalls|telemarketing
		prefer|rather|like|want|choose|elect|wish not to? ..2 receive|get|have|take|be ..3 calls|called|contacted|bothered|phoned
		spare|save me|us ..3 calls|calling
		no|not need|have|bother to|of ..1 try|reach|ring|phone|call me|us|here|this ..2 again|any
		do|please|to not|never ..1 try me|us|here|this ..2 again|any
		not care for ..4 calls|calling
		thought|supposed ..2 i|we|number|name ..3 removed|unsubscribed|deleted|off
		cancel ..3 robocalls|calls
		@i ..2 want|like|need|demand it|that|this|them ..1 removed|deleted|erased|taken|blocked|gone|destroyed
		do|to|please not ..1 waste|place|make|spend ..2 call|calls ..2 to|on me|us|here|this|him|her|again|any
		you|they can|may|must|shall not @adv*1 @contact me|us|here|this|my|our|him|her|$
		^ please? block my|our|this ..1 number|line|phone
		contact|reach|write|communicate|hear|send|correspond ..6 by|in|via|through ..1 @post ..1 only
		only|just|exclusively ..2 contact|reach|write|communicate|hear|send|correspond ..5 by|in|via|through ..1 @post
		contact|reach|write|communicate|hear|send|correspond ..3 only by|in|via|through ..1 @post
		only|just by|in|via|through ..1 @post from|going now|forward
		@post only from|please|$
		remove|delete|erase|wipe|purge|scrub|destroy|clear|strike|expunge ..4 number|name|info|information|data|details|record|records|contact|file|entry|profile|account
		no soliciting|solicitors|solicitation|solicitations|telemarketers|telemarketing
		no ..1 business|right|reason|excuse|authority|cause @calling
		no ..1 business|right|reason|excuse|authority|cause to|for ..3 @calling|@contact
		not have ..2 business|right|reason|excuse|authority|cause to|for ..3 @calling|@contact
		if|when|ever|better|want|wish ..5 hear from you|@us ..3 again
		not|never ..4 hear from you|@us
		@contact|try ..3 again and|or see|you|there
		number|info|information ~8 rid|delete|remove|erase|lose|forget|destroy of? it|that|them
		please ..1 stop|end|cease it|them|these|this|that|those
		be left ..1 alone|in
		next time ~6 police|cops|sheriff|lawyer|attorney|authorities|court
		@i will|am|have @adv*1 call|calling|called|contact|contacting|get ..2 police|cops|sheriff|authorities|fcc|ftc
		blocked ..4 number|numbers
		calls|calling ..6 must|should|need|needs|have|has|got to? stop|end|cease
		not try|bother|ask|come ..1 again
		illegal|unlawful|law to @contact
		blocking ..3 you|this|your|$
		stop|quit ..2 my|our phone|line|cell|number
		is|are|be|getting blocked $
		had it|enough with|of ..4 @calling|calls
		sick|tired|weary|done|through|fed ..1 of|with|up ..6 @calling|calls|called
		can|could not stand|bear|deal ..4 calls|calling
		too many calls ..3 stop|please
		want out $
		count me out of ..4 calls|list
		not be in|on your|the|any|a ..3 @list|computer|program
		number|name|info|information|phone|mother|father|mom|dad|wife|husband ..3 not ..3 in|on your|the|any|a ..2 @list|computer|program
		off|out of? your|the|that|this ..2 computer|robot|machine|software|dialer|robocall|robocaller
		get|take|pull|wipe|have|remove ..1 my|our|this|the|her|his ..2 number|name|info|information|cell ..2 off|out|from
		take|leave my|our|this|her|his name|number out|off
		do not use ..3 for ..3 solicitation|solicitations|soliciting|calls|marketing|telemarketing|fundraising
		will you people|guys|all stop|quit
		never again call|contact|phone|dial|ring
		not another call|word
		^ remove $
		^ delete $
		^ unsubscribe
		last|final time ..2 my|our|the|this|your ..1 phone|line|you|number|company|organization|people ..3 rings|rang|ring|calls|called|rung|call
		my|our|this|his|her ..1 number|name|info|information|details|data|record ..2 deleted|removed|erased|scrubbed|wiped|purged
		not get|receive|have|hear|want ..1 another of? these|those|this
		not get|receive|have|hear|want another one|call
		not do|try|pull that|this ..2 again
		cut it|that out $
		wish @us|they would stop|quit|not
		@contact somebody|someone else from now
		respect ..3 not call
		not ..3 put me|us|my|him|her ..3 @list
		not authorize|authorise|authorized|authorised ..3 calls|call|contact|calling`)
	say(complaint, "complaint", `
		call|calls|called|calling|rang|ring|ringing|phoned|phoning|contacted|contacting ..6 times|daily|everyday|constantly|nonstop|twice|every|each
		called|call|calls|calling|phoned ..4 this|a week|month|morning|day|hour
		keep|keeps|kept @calling|getting|on
		second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|umpteenth ..1 call|calls
		third|fourth|fifth|sixth|tenth|umpteenth time ..3 you|this|today|@us
		<num> calls
		these|those|your ..1 calls
		getting|get|receiving|receive|got ..3 calls
		all these|this calls|calling
		every|each|any time ~8 call|calling|rings|ring|calls
		asked|told|telling|warned|warning @us
		gave|give|sold you ..2 number|name|info
		get|got|find|found ..2 my|this|our ..1 number|name|info
		calls like this|these|that|those|yours
		another one of these
		you people|guys again
		phone ..2 ringing|rings
		ringing ..2 phone`)
	say(closure, "enough", `
		no more $
		^ enough
		that|this|it is ..1 enough
		stop|quit $
		fed up
		sick|tired of it|this|that|them
		stop|quit|end it|them|these|those|this
		to|must|should|needs|has|got|better to? end|stop|cease
		^ no more of|calls|$
		not want them|it|this|that|these|any
		unacceptable
		illegal
		against the law
		harassment
		nuisance
		lawyer|attorney|complaint|reporting
		cut it|that out
		knock it off
		had it $
		make it|them|this|that ..1 stop|end
		take it|this|that|me|us|her|him ..1 out|off $
		take it|this|that|me|us|her|him ..1 out|off|from of? ..1 your|the|there
		need|want|like this|it|them ..2 to? end|stop|stopped|over`)
}
