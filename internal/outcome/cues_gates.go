package outcome

// Call-backs and machines.
func init() {
	say(callback, "call_back", `
		call|ring|phone|buzz me|us|him|her|them|back|again|this|the? ..2 back|later|tomorrow|another|again|in|next|on|after|tonight|this|around|at|some|when|monday|first|any|before|closer
		call|ring|phone|try back
		^ call|ring|phone me $
		^ you call|phone|ring me|us
		try|call|ring ..2 <num> tomorrow|@day|@part|today|tonight|then|instead
		call @day|tomorrow|later|again|after|around|tonight|next|then
		call me|us @day|<amt>|<num>
		call|phone|ring|reach|try my|the|his|her cell|mobile|office|home|work|house
		call|phone|ring reach? me|us|him|her at|on
		try me|us|him|her|back|again|calling|later|tomorrow|this|after|around|in|next|@day ..2 back|again|later|tomorrow|another|in|next|on|after|tonight|at|some|then|when|$
		try again|back|later|tomorrow
		give me|us|him|her a ..1 call|ring|buzz|shout
		reach me|him|her|us|out ..2 at|after|on|later|tomorrow|in|next
		catch me|him|her|us ..2 at|after|on|later|tomorrow|in|another|when|around|next|this|@day|again
		can|could|may|might|would we|you|i ..2 talk|speak|call|phone|try|chat|ring|connect|pick ..3 later|tomorrow|another|again|in|next|on|after|tonight|back|some|then|when|@day|at
		can|could|may|should we|you do this|it|that later|tomorrow|another|tonight|@day|next
		calling|trying|ringing|phoning me|us|back|him|her|again|later ..2 back|later|tomorrow|another|again|this|in|at|on|after|when|tonight|$
		reschedule
		schedule|arrange|book a ..1 call|time
		set up a time
		@i am|will be? @adv*1 free|available ..1 at|after|tomorrow|on|@day|later|tonight|in|around
		give me <num>
		give me an|a|half|another few? hour|minute|bit|while
		call|try later
		@day|tomorrow|@part|later works|work $
		^ later please
		evenings|mornings|afternoons|weekends|weekdays|tomorrow|later|@day|tonight|@part|day|<num> is|are|would|works|work ..2 better|best|good|fine|easier
		some? another|different|better|other time|day|moment|occasion ..1 call|work|works|okay|please|to
		@i @adv*1 call|talk|speak|do|try ..2 another|different|better|other time|day
		talk|speak|chat ..3 later|tomorrow|another|tonight|@day|next
		contact me ..2 later|tomorrow|next|again|in|after|on
		check|get back with|to|in|on me|us|tomorrow|later|next|@day|after
		follow up ..3 later|tomorrow|next|after|in
		would|be|is better to call
		best|better time|to ..2 call|reach|is|would
		<num> is|would|works ..2 better|best
		phone|ring me|us|back ..1 back|later|tomorrow|again`)
	say(callback, "another_time", `
		another|different|better|other time|day|moment|occasion`)
	say(callbackWeak, "bad_time", `
		^ @adv*1 busy
		not a|really|the ..3 good|great|best|convenient ..1 time|moment|day
		is|at|a|caught|such ..4 bad|busy|terrible|inconvenient time|moment
		am|are|is @adv*2 driving|eating|cooking|sleeping
		in|at|on a|the|my|with ..2 meeting|middle|car|road|appointment|doctor|store|dinner|lunch
		@i am|are @adv*2 at work|dinner|lunch
		on the other line
		on another|a call
		not allowed|able|supposed|permitted to ..1 calls|talk|phone
		heading|headed out|off|to|into|in
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
	say(callbackWeak, "day_only", `
		^ <num>? tomorrow|tonight|@day|later|@part $`)
	say(machine, "greeting", `
		currently|now closed
		office|business hours are
		assistant answering|taking|for
		we are closed
		at|after|hear|following|wait for? the tone|beep
		leave|leaving|record|recording|recorded ..3 message|name ..8 tone|beep|number|back|return
		leave|record ..2 detailed|brief|short ..1 message
		please leave|record ..3 message|name|number
		leave me|us ..1 message|name|number
		^ leave a message
		message|name after|at the
		mailbox ..6 full
		no podemos|puedo|puede|podemos ..1 contestar|atender
		deje|deja|dejen su|tu|el|un nombre|numero|recado
		mailbox is|has|that|you|belonging ..4 full|not|set|been|reached
		voice mail|message|mailbox box|system|of|for|is ..2 full|not|box|<name>|reached|has|set|of|for|$
		forwarded to ..4 voice|mail|message|messaging|system|automated
		automated|automatic|answering voice|machine|service|system|messaging|assistant|attendant
		you have|reached ..1 reached the|<name>|<num>|us|voice|a|my ..5 voice|mailbox|desk|phone|residence|family|household|home|cell|mail
		can|am|are not ..3 come|take|answer|get|pick|available|able ..3 to|the|your|my|up|phone|call ..2 phone|call|right|up|calls
		unable to take|come|answer|get
		not available ..4 leave|tone|message|record
		record your message
		know what to do $
		know the drill|routine
		call|virtual|digital|google|automated assistant
		who is calling and why
		not ..1 set up
		<name>|this|the voice mail
		voice mail $
		return your call
		memory|inbox|box ..1 full
		beep $
		to leave|page|speak|reach ..4 press
		press|dial <num>|one|two|pound|star now
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
	say(machine, "reached", `
		you have|reached ..1 reached the|<name>|<num>|us|voice|a|my ..5 office
		you have reached`)
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
