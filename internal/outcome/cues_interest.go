package outcome

// Putting it off, asking how, and liking: no decision.
func init() {
	say(deferred, "think_about_it", `
		think about|on|over it|that|this|about?
		think it|this|that over
		thinking about|of|on|it|over it|this|that|over|$
		@i @adv*2 decide ..5 as|in|at|on|later|together|after
		let me|us @adv*1 think|see|consider|check|look|ask|talk|discuss|sleep|read|review
		run it|this|that by|past
		run|crunch the numbers
		chew|mull|sleep|pray|reflect on|over|about
		when|once|after i|we have? ..1 seen|read|looked|researched|checked|reviewed
		@i am|are @adv*1 tempted|torn|undecided
		mull ..2 over
		might|may not? $
		might i might
		could|might be $
		might be able
		open to it|that|this|the
		see what i|we can
		have|take a look
		read it|about|up|through|over
		some time to
		a @adv*1 lot to take|think
		give me|us @adv*1 time|a while
		@i @adv*2 would|could|might|will @adv*2 consider|think @give|@giving|about|it
		will|would|can|could|might|have|need|want|like to? @adv*2 consider|ponder|research|investigate|discuss|sleep|review
		keep it|that|you|this in mind
		take it|that under|into
		look into|at|it|up|them|further ..3 up|it|them|that|this|further|more|charity|website|$
		check it|them|that|you|out|this|your|the out|website|site|online|page|$
		do some|my|more ..1 research|homework|digging|reading
		talk|speak|check|discuss|ask|consult ..3 with|to|my|the @kin|family|board|financial
		ask my @kin
		get back to|with you
		let you know
		see how|what|where|if i|it|things|we
		might|may donate|give|consider|help|contribute|be
		perhaps|possibly|maybe|eventually|someday @i? @adv*1 will|would|can|could|might|may|later|next|after|when|someday|sometime|down|soon|in
		^ maybe|possibly|perhaps $
		not @adv*2 sure
		not saying|said yes|no
		^ @i do not know
		on the fence
		have|need|got to ask|check|consult|talk ..2 my|our|with|to|about
		ask|tell my better
		have|need|got to see ..1 at|how|what|if|in|when|after|about|$
		check|look|go my|our|over|at my|our? finances|budget|calendar|books|account|numbers
		look you|it|them|that up
		lean|leaning ..1 toward|towards|yes
		give me ..3 days|time|weeks|week
		in the @adv*1 future
		some day
		down the road
		at some|a later point|date|time
		one of these days
		@i? will|would see`)
	say(deferred, "later_date", `
		next month|year|week|paycheck|time|season|spring|summer|fall|payday
		when i get paid|my|home|back|some
		after the|christmas|holidays|payday|my|i
		later|sometime $`)
	say(undecided, "not_ready", `
		not @adv*3 ready|decided|prepared to|yet
		have not @adv*1 decided|made
		need|want|like|have to @adv*2 know|learn|see|hear|read|find|think|research|look|check ..3 more|about|proof|first|before|it|further|into|over
		need more|some|time|proof information|info|details|time|to|proof
		before i @adv*1 @give|decide|commit|make|agree|do|would|can|could|say|promise|sign
		have|need to think
		depends|depending
		let me think
		@i can|could not @adv*2 give ..2 answer|decision|commitment|yes
		can not @adv*2 say|promise|decide|answer|guarantee
		neither|either yes|no nor|or
		hard to decide`)
	say(interest, "ask_how", `
		how do|can|could|would|should|might|does i|we|one|someone|people|it|that ..2 work|start|@give|@help|do|pay|sign|go|send|work|get|make|contribute|that|this|it
		how to @give|help|pay
		how much should|would|do|is|can|could
		where do|can|could|should|would|do i|we send|mail|go|@give|sign|pay
		what is|would the|your|a minimum|website|address|link|site|web
		what ..2 website|address
		leave|give|tell|text me|us your|the website|address|link|site
		got|have a|any brochure|pamphlet|website|flyer|link|letter|mailer
		who do i|we make|write
		can|could|may i @adv*1 @give|pay|use|send|mail|do|sign|set|make
		do you take|accept
		what do i|we need|have to
		what are my|the|your options|levels|ways
		what is the minimum|least|smallest|lowest
		smallest|minimum amount|donation|gift
		is it|this|that tax deductible|exempt
		is there a|any|an minimum|website|way|link
		tax deductible`)
	say(interest, "wants_form", `
		send|mail|e|email|text|shoot|give me|us|it|the|a|an|over ..6 envelope|form|link|card|invoice|bill|pledge
		mail|send me ..2 pledge|envelope`)
	say(interest, "wants_information", `
		tell me @adv*1 more|about|a|some|what|how|where|who
		like|love|want|interested|care to|in @adv*2 know|hear|learn|hearing|learning|knowing|see ..2 more|about
		more information|info|details
		send|mail|e|email|text|shoot|give me|us|it|that|the|over|some ..6 information|info|something|details|email|brochure|letter|packet|flyer|pamphlet|materials|literature|website|newsletter|facts|figures|paperwork|stuff|flyers|booklet|report|catalog|pictures
		send|mail|email|text it|that|them to|over|here|along
		^ email|e mail|text me $
		put|drop|stick something|information|one|it|that|literature in the mail
		for the|your newsletter|emails|updates|mailing
		learn more
		hear more
		what|where do|does|is|are|kind ..3 you|money|organization|charity|it|they|work|program ..3 do|go|goes|help|about|used`)
	say(interest, "likes_it", `
		sounds|sound|seems|is|are|that @adv*2 @good|very|really @good?
		@good @cause|work|thing|job
		love|like|appreciate|admire|support|believe what|the|your|in|how ..5 do|does|did|doing|done|@cause|it
		@i am|are @adv*2 interested|intrigued|curious
		i would be interested
		^ interested
		worthy|important|great|good|noble|wonderful @cause
		big fan
		like ..2 sound|idea|ring of
		@i @adv*1 support|love|like you|them|it|that|this|your
		keep up the
		keep doing
		good to hear|know
		bless you|your|all for
		glad you|someone|somebody|people are|is|do`)
}
