package outcome

func init() {
	say(refuse, "will_not_give", `
		@i @adv*3 will|can|could|would|shall not @adv*4 @give|@help|@make|commit|pay|part|buy
		@i @adv*3 will|can|could|would|shall not @adv*3 @giving|interested|able|participating|helping|making|doing|sending|needing|supporting
		@i @adv*3 will|can|could|would|shall not be @adv*2 @giving|interested|able|participating|helping|making|doing|sending|supporting
		@i will|can|would never @adv*2 @give|send|pay
		^ will|can|could|would not @adv*4 @give|@help|@make|commit|pay
		not @adv*1 going to @adv*3 @give|@help|@make|pay|commit|participate|contribute
		not @adv*2 @giving|participating through|by|over|at|here|for
		not @adv*2 @giving|paying|sending|buying ..1 you|any|a|anything|money|to|<money>|that|it|this|$
		@i will|can not be able
		@i refuse to
		doubt|doubtful ..2 i ..3 @give|can|will|would|could
		doubt it
		nobody|none ~6 is|are|will going? to? @give|pay|send
		no one ~6 is|are|will going? to? @give|pay|send
		nothing|none ..1 to @give|offer
		nothing|none left|extra|spare
		try|ask|call|bother|bug|find somebody|someone else?
		do not @adv*1 give|donate|do|make|buy|take|pay ..6 over|on|by|to the? phone|telephone|telemarketers|strangers|callers
		never @adv*1 @give|respond|pay|send ..2 to|over|on|by|through|phone
		do not @adv*1 talk|speak to|with ..1 robots|robot|machines|machine|computers|computer|bots|ai|solicitors|telemarketers|recordings
		do not do phone
		do not @adv*1 give|donate|respond to telemarketers|solicitors|strangers|callers|solicitations|charities|charity`)
	say(refuse, "do_not_want", `
		do|did not @adv*3 want|wish|care|plan|intend|choose|desire|like to @adv*3 @give|@make|@help|part|commit|pay|do|be|participate|spend
		do|did not @adv*3 want any|it|anything|that|this|none|your|no|$
		do|did not @adv*2 plan|intend|want|care|wish to $
		do not @adv*2 feel like|comfortable
		have|has|had no interest|desire|intention|plans|wish
		no interest|desire|intention $
		would @adv*2 rather|prefer not
		prefer|choose|rather not|to|just not|keep|save
		not @adv*2 comfortable|willing|able|prepared|inclined|looking|planning|want
		not in a position`)
	say(refuse, "not_interested", `
		not @adv*3 interested
		uninterested
		not my thing
		not for me|us
		do not care ..2 $
		do not @adv*1 support|believe ..1 @giving|charity|charities|that|it|this|your|them|organization|these`)
	say(refuse, "do_not_think_i_will", `
		do not think|believe|feel|suppose|see @adv*1 i|we|that ..1 can|will|would|could|am|are|want|should
		do not think|believe i|we|that have
		do|did not think|believe so
		do not think @adv*1 i|we|it|that|this ..3 @give|@giving|for|me|us
		do not see myself|happening|us
		can not see doing|myself|us|giving
		not sure i want to @give`)
	say(refuse, "pass", `
		@i @adv*2 will|would|must|shall @adv*2 pass|decline|skip
		have|need|got|want|like|going|must to ..1 pass|decline|skip|refuse
		sit|sitting this|it|that ..1 out
		not ..2 priority|priorities
		was|were going|planning|about|thinking to|of ..3 but
		@i am|are @adv*2 good|okay|fine|happy|set|satisfied with the|my|what|who|those|our
		have|need|got to say no
		going to pass|decline|skip|say no?
		^ hard? pass $
		^ @i @adv*1 decline|refuse
		count|leave me|us out
		no way i|we|you
		unable to @adv*1 @give|@help|@make|do|commit|afford
		@i am|are @adv*2 unable
		^ no way
		part of no
		^ yes no
		^ no sir|ma'am no
		@i @adv*1 need|want|like to? keep what|everything|my|it|all
		that is it|all|enough for the|this
		not a|no chance
		not|never @adv*1 going to? happening|happen
		^ forget it|about
		put me|us down as|for nothing|zero|no
		@i said no
		answer is|was|remains @adv*1 no
		said|told ..3 no $
		hard no
		no can do
		would sooner
		told|tell|telling @us ..1 no $
		told|tell|telling @us no already|before|once|thanks
		@i @adv*2 just? say no
		@i do|will not|never ever @give
		not something|anything|what @i support|do|give|believe|want
		do not ..1 do this|that|these ..1 kind|sort|type|thing|stuff|things
		still no $
		too expensive|rich
		answer is? @adv*1 no
		no dice|go|sale|deal $
		rain check
		hold|holding off
		policy of|not|against|to
		not ..2 cup of tea
		not in the market
		@i am|are @adv*1 out $
		not feeling it
		@i will @adv*1 leave it
		rather|prefer to? volunteer
		nothing doing
		not on your
		do not bother $
		decided|choose|chose|chosen|prefer|elected not
		decided against
		no longer @give|support|help|interested
		stopped @giving|supporting
		had|have|need to stop @giving|supporting
		not something|anything @i ..1 can|will|want|could|would|am|are|do
		hanging up
		off my phone|line
		no solicitors|soliciting|solicitations|solicitation
		is a no
		^ never again? $
		not <money> $
		^ hell no
		over my dead
		in your dreams
		when hell|pigs
		yes right like
		get lost
		go to hell
		go away
		keep my|the|it? money|for|payment|earnings|bonus
		@i @adv*2 would|will|want|need|am|have|must @adv*2 like|love|prefer|rather|going|have? to? keep it|that|all|them|mine|this|the|my|both
		@i hate|dislike|despise ..3 charities|charity|them|these|@cause
		made|make up my|our mind|minds $
		decision|answer is final
		will not change my|our mind|minds
		keep all|it|them ..2 myself
		no thanks|thank`)
	say(refuse, "takes_back", `
		actually|wait ..1 no
		never mind
		nevermind
		on second thought|thoughts
		changed my mind $`)
	say(refuse, "waste_of_breath", `
		wasting|waste your time|breath
		the wrong tree
		save your breath`)
	say(refuse, "keeps_it", `
		can|could|will|may not have my|it|any|mine|that|a`)
	say(refuse, "ends_giving", `
		cancel|cancelling|canceling|stop|stopping|end|ending|discontinue|terminate my|our|the|this ..2 donation|donations|gift|gifts|pledge|pledges|contribution|contributions|subscription|membership|giving`)
	say(refuse, "zero", `
		@give nothing|zero
		not @adv*1 @give|giving anything
		going to|will be|give zero|nothing`)
	say(refuseSoft, "not_now", `
		^ not right|today|now|tonight|yet|currently|anymore|interested
		not at this|the|present @time?
		not at this|the time|moment|point
		not this|that time|month|year|week|season|go
		not right now
		can|will|could|would|am|are not @adv*3 right|today|now|tonight|currently
		maybe|perhaps next|another|some|other other? time
		^ maybe|probably|absolutely|definitely|certainly|of|obviously|hopefully course? not
		@i probably|definitely|certainly will|can|would not
		not ..2 this time around
		can|could not @adv*2 afford
		can|could not @adv*2 swing|manage|spare|commit
		can not do anything|<amt>|it|that|this|any
		can not give|donate <amt>
		do not @adv*1 have ..1 <amt>
		`)
	say(refuseAsk, "would_but", `
		@i @adv*1 would|could @adv*1 but
		would @adv*1 love|like|want to|too @give|help? but
		sorry but`)
	say(refuseAsk, "can_not", `
		@i @adv*2 can|will|would|could|do|am|should|must not $
		@i @adv*2 can|will|would|could @adv*1 not do|help|swing|manage|commit that|it|this|out|right|with|$
		^ afraid not
		^ i am afraid
		@i do not think so
		^ nothing $
		^ none $
		not really
		@i am|are @adv*2 good|okay|set|fine $
		@i am|are @adv*2 all set
		do not have ..2 to give|spare|donate
		^ not <amt>`)
	say(refuseWeak, "no_money", `
		no ..1 money|cash|funds|income|job
		do not @adv*1 have ..5 @cash|income|budget|job|extra|credit|means|resources|wherewithal
		barely|hardly scraping|scrape|surviving|survive|pay|paying|afford|getting|get|making|make
		scraping|scrape by
		stretched|spread ..1 thin
		behind on my|our|the|rent|bills
		time|times|moment|spot ..1 financially
		strapped for
		between paychecks
		mouths to feed
		do not @adv*1 have it|any|anything|enough|that $
		money is|gets|has|been ..3 tight|short|low|rough|hard
		am|are|things|been|budget|is|on @adv*2 broke|poor|tight|strapped|struggling|unemployed|bankrupt|tapped|hurting
		on a @adv*1 fixed|limited|tight income|budget
		fixed income
		living|live on ..3 little|nothing|pennies|pension|savings|benefits
		am|are ..1 retired
		social|disability security|check
		out of work
		out of a job
		already? spoken for
		tapped|cleaned|wiped out
		lost my|his|her job
		laid off
		paycheck to paycheck
		need my|the|every|all|this ..1 money|penny|cent|dollar
		tough|difficult|hard|tight financial|times|situation|spot|year|month
		things @adv*1 are|been ..1 tight|tough|rough|hard|difficult|slow
		food stamps
		on disability|unemployment|welfare|medicaid
		need help|money|assistance|donations myself|too|ourselves
		use the|some help|money myself
		not in the|my|our budget|cards
		medical bills
		barely making|get|getting|make
		too many bills
		times|things are ..2 tough|tight|hard|rough|bad
		short on cash|money
		maxed out`)
	say(refuseWeak, "own_needs", `
		bills|rent|mortgage|kids|family|mouths|children to pay|feed|support|raise|make
		need it|this ..1 for|to|myself
		saving|save up? for|to|my
		not ..1 need my money
		have|got|makes|make ..1 millions|billions
		need this|the|my|every money|job|penny|cent|income
		depend|rely on every|this
		charity|charities begins|starts|start at
		take care of my own|family
		has|have not convinced
		do not @adv*1 give|donate|contribute
		cost of living
		cutting|cut|tightening|tighten back|down|our|my
		made of money
		not possible
		between jobs
		rob a bank`)
	say(refuseWeak, "already_gives", `
		already @give|gave|donated|given|contributed|sponsor|support|supported|supporting|@giving|pledged|did|made|do|have
		@i have @adv*1 already @give|gave|donated|given|contributed|sponsor|support|supported|supporting|made|done
		do|does all? of? my|our giving|donating|donations|charity through|at|with|for|online|by
		did|done my|our giving|donating|part|share|bit|donation|charity
		you ..2 get|have|got ..1 enough|plenty|lots|millions|tons
		@i have my|our own
		used to @give|support|help
		you ..1 got|have|had <amt> from|out of? me|us|my
		rather|prefer to? @adv*1 @give ..2 directly|to|elsewhere|through|in
		@i? money goes|go|went to|for|on my|our|the
		gave|donated|given|@give @adv*1 enough|already|elsewhere|plenty
		@i gave|donated ..3 this year|already|month
		@i only|mostly|always|usually|choose|pick|support|@give to|my|our|other|own|local ..2 other|own|local|church|locally|charities|elsewhere
		rather|prefer|prefers @adv*1 to? @give|help|support|keep|@giving ..2 my|other|own|local|locally|elsewhere|someone|people
		own charities
		in my|our own? town|community|area|neighborhood|city|state|country|backyard|county
		my own town|community|charity|cause|causes
		have other charities|priorities|causes
		@i only|always|just|mostly|usually|exclusively @give|support|help|contribute
		@give|gave|donated|contribute|support somewhere|someplace|elsewhere|locally else?
		@give|gave|donated at|through|to the|my|our|work office|work|church|job
		donated out
		support|supporting|help|helping @adv*1 other|another|different|local|enough|plenty|several
		plate is full
		with|to|for another|other|different charity|charities|organization|organizations|cause|causes
		@give to|through|at my|our|the|other|another|different|local ..2 church|charity|charities|parish|temple|mosque|synagogue|work|place|places|organization|organizations`)
	say(refuseWeak, "someone_else_decides", `
		my @kin|@they ..1 handles|handle|decides|manages|does|deals|controls|pays
		my @kin ..1 takes|take care
		my @kin ..1 makes|make all? the|those|these|decisions|our
		my @kin ..1 is in charge
		that is|would my @kin
		@they handles|handle|takes|manages|makes|deals ..3 finances|donations|charity|charities|money|giving|decisions|that|those|bills|checkbook`)
	say(refuseWeak, "distrust", `
		is|are|sounds|be @adv*2 a? scam|scams|fraud|fraudulent|fishy|fake
		do not @adv*2 trust
		waste of my? time|money
		`)
	say(refuseWeak, "wish_i_could", `
		wish i|we could|had|was|were
		would if i|we could
		would love to but`)
	say(bareNo, "no", `
		^ how about|bout no
		^ no $
		^ nope
		^ no no
		^ no thanks|thank|sorry|sir|ma'am|madam
		^ not no
		^ no not
		^ no i|we am|are|do|will|would|can|could|have not? $
		^ no i|we do|can|could|will|would not
		^ no i|we|it|but|because|my|they|absolutely|unfortunately`)
}
