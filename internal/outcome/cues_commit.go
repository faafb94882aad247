package outcome

// kind is what a phrase says about the decision.
type kind uint8

const (
	none         kind = iota
	commit            // a decision to give
	commitWeak        // a decision only in answer to the agent's ask: "I'd love to help"
	assent            // "I will", "happy to": an answer to an ask, also a pleading one
	ack               // "yes", "okay": an answer to a direct ask only
	agree             // "sounds good", "fine with me": the same, and liking without an ask
	amountOnly        // an amount said by itself
	paid              // payment is done
	refuse            // a decision not to give
	refuseSoft        // not now
	refuseWeak        // a reason not to give, a decision only when nothing else is said
	refuseAsk         // a refusal only in answer to an ask: "I can't"
	bareNo            // "no", "no thanks"
	deferred          // putting it off, no decision
	undecided         // putting it off so plainly that a bare yes before it does not count
	interest          // liking, or asking how
	callback          // asks for another call
	callbackWeak      // a bad time, without asking
	optOut            // no more calls
	complaint         // weary of the calls
	closure           // that it must end, an opt-out beside a complaint
	wrong             // not this person's number
	wrongIfAsked      // the same, in answer to the agent asking for the person
	machine           // words only a machine says
	machineWeak       // words that machines and people say
)

// cue is one row of the tables: what a phrase means, and the name it is shown by.
type cue struct {
	kind kind
	name string
}

// donorCues are all phrases that are looked for in what the called side says.
var donorCues phrases[cue]

func say(k kind, name, patterns string) { donorCues.add(cue{k, name}, patterns) }

func init() {
	say(commit, "will_give", `
		@i @adv*3 will|shall @adv*3 @give
		@i @adv*3 will|shall @adv*3 go ahead and @give|make|send|do
		@i @adv*3 will|shall @adv*3 be @adv*2 @giving
		@i @adv*3 am|are @adv*2 going to @adv*3 @give
		@i @adv*3 am|are @adv*2 going to @adv*2 @make ..3 @gift|<amt>|something
		@i @adv*3 will|shall @adv*3 be @adv*2 @making ..3 @gift|<money>|something
		@i @adv*3 will|shall @adv*3 @make ..3 @gift|<amt>|something
		@i @adv*3 will|shall @adv*2 match|round|chip|pitch
		@i @adv*3 will|shall @adv*2 part|start|go|commit with|to|for <amt>
		@i @adv*3 will|shall @adv*2 pay ..3 <amt>|half|all
		@i @adv*3 will|shall @adv*2 opt|go|settle for|with ..5 <amt>|@gift
		@i @adv*3 will|shall @adv*2 try|plan|agree|commit|make|be ..1 to|sure|and ..1 @give
		take it|that|<amt> ..1 out? of|from my
		@i @adv*3 will|shall pay|do it|that online
		@i @adv*3 will|shall @adv*2 take care of it
		@i @adv*3 will|shall send|mail|put|drop|get it|that|one|something ..2 back|in|out|off|over
		@i @adv*3 will|shall @adv*2 fill it|that out
		^ will @adv*2 @give
		^ going to @adv*2 @give
		@i promise|pledge to @adv*2 @give|send|help
		@i @adv*2 pledge <amt>
		@i @adv*2 pledge $`)
	say(commit, "am_giving", `
		@i @adv*2 am|are @adv*3 donating|pledging|contributing
		@i @adv*2 am|are @adv*3 giving|putting|sending ..2 <amt>
		^ donating|pledging|giving|contributing <amt>`)
	say(commit, "can_give", `
		@i @adv*2 can @adv*3 donate|contribute|pledge|sponsor
		@i @adv*2 can|could|might @adv*3 give|do|spare|swing|manage|handle|afford|offer|send|put|throw|chip|kick|part ..2 <amt>
		@i @adv*2 can|could|might @adv*3 go|start|begin with|for|to|at|as|up? ..2 <amt>
		@i @adv*2 could @adv*3 donate|contribute|pledge ..3 <amt>
		@i @adv*2 can @adv*2 give|spare|chip something|a|some|in
		@i @adv*2 can @adv*2 @make ..2 @gift
		^ can @adv*2 do|give|donate|spare ..1 <amt>
		@i @adv*2 can|could|will|shall|might @adv*3 give|do|spare|send|donate|put|offer|manage|throw|chip|contribute|mail you|them|in|up? ..2 @some
		can|could|may i|we @adv*1 give|do|donate|pledge|start|contribute|send ..2 <amt>
		^ how|what about <amt>
		^ how does|would|is ..1 <amt> ..1 sound|work|be
		^ will|would|is|does|could ..1 <amt> ..2 do|work|okay|enough|fine|good|help|suffice`)
	say(commit, "would_like_to_give", `
		@i @adv*2 would @adv*3 like|love|want|prefer to @adv*3 @give
		@i @adv*2 would @adv*3 like|love|want|prefer to @adv*2 @make|leave ..4 @gift|<amt>|something
		@i @adv*3 would @adv*3 like|love|want to try to|and @give
		@i @adv*2 want to @adv*2 donate|contribute|pledge|sponsor
		@i am|was @adv*2 thinking ..3 <amt>
		@i would|will be @adv*2 @giving
		@i @adv*2 want to @adv*2 give|make|send|do ..3 @gift|<amt>|something
		@i @adv*2 would @adv*2 donate|give|contribute|do|pledge|offer|pay|say|put|go|start|choose|pick|select ..2 <amt>
		^ would @adv*2 like|love to @adv*2 @give
		^ would @adv*2 like|love to @make ..3 @gift|<amt>`)
	say(commit, "glad_to_give", `
		would|will|am|are|be|is @adv*3 @glad to|with @adv*2 @give|@giving
		would|will|am|are|be|is @adv*3 @glad to|with @adv*2 @make|@making|part|commit|go|pay ..4 @gift|<amt>|something
		^ @adv*2 @glad to @adv*2 @give
		would|am|are @adv*2 interested|comfortable in|with @giving ..2 <amt>
		@i @adv*2 would|am|are ..2 comfortable with|at|around|giving <amt>
		do|would not mind @adv*2 @giving|chipping|sending
		no problem @giving
		no problem with @giving`)
	say(commit, "decided_to_give", `
		@i @adv*3 decided|choose|chose|agree|agreed|intend|plan|commit to|on @adv*2 @give|@giving|<amt>|@making
		@i have @adv*2 decided|agreed to @adv*2 @give|make
		@i am|are @adv*2 planning|intending to|on @adv*2 @give|@giving
		@i @adv*2 choose|pick|agree <amt>
		@i agree to|with that|it|this|the
		agree|agreed to @adv*1 pay|give|donate|do|send|help
		answer is yes
		@i @adv*1 propose|suggest ..3 <amt>
		we should|could @adv*2 both? @give ..3 <amt>
		let us both? @give|make|split
		@i @adv*1 will @adv*1 plan to @give`)
	say(commit, "count_me_in", `
		count me|us in
		sign me|us up
		put|mark|pencil me|us down
		put me|us ..5 for <amt>
		can|may count on me|us
		@i am|are @adv*2 in $
		@i am|are @adv*2 on board
		you have|got @adv*1 a|yourself deal
		it is a deal
		^ deal $
		you @adv*1 have|got @adv*2 convinced|persuaded|sold me|us
		you @adv*1 convinced|persuaded|sold me|us
		talked me into it
		let us do it
		@i am game
		@i am @adv*1 in|with you? $
		you|they|@us have|got got? my support|word|pledge|vote
		you|they|charity|children|kids can|may @adv*1 have|take|keep|use my|it|that|all|half|both|mine|<amt>
		^ give|donate|send|put it? all|everything|both to|of|$
		bill me
		@i am sold`)
	say(commit, "amount_agreed", `
		let us do|say|go|make|start|try with|for|it? ..1 <amt>
		@i guess|say|think ..1 <amt>
		make it|that <amt>
		^ same <amt>
		^ how is <amt>
		^ do <amt>
		^ charge|bill|run ..8 <amt>
		^ use ..6 for the? <amt>
		make it|that a|an ..1 <amt>
		but ..1 <amt> ..1 @i can|could|will
		<amt> @i can|could|will do|manage|swing|handle|give
		^ <amt> yes|fine|sure
		^ <amt> is|was|would|will|sounds|seems|should ..3 fine|good|okay|work|great|reasonable|doable|perfect|alright|manageable
		^ <amt> works|it
		^ maybe|say|just|only|about|around|perhaps <amt> $
		you can|may @adv*1 have|take|deduct|charge|use|keep|put ..3 <amt>|all|half|whole
		take|deduct|charge|withdraw|donate ..2 <amt> ..3 from|out|my|card
		^ @adv*1 put ..1 <amt> on my
		my donation|pledge|gift|contribution is|will|would ..1 <amt>
		<amt> is ..2 most|best|max|maximum|all ..2 i
		^ all i can ..3 is <amt>
		<amt> ..1 not kill|hurt|break
		keep me|us at|on|the ..3 <amt>|same|amount
		<amt> ..1 should|would be|do|work
		best i can do is <amt>
		how about i|we? @give|do <amt>
		^ donate <amt>
		<amt> from me|us
		^ write|tell|say|mark|put|make them|it|me? down? for? <amt>
		<amt> is ..1 what|all|about|as ..3 @i can|could
		stay|sticking|stick at|with <amt>
		bump|raise|increase|up it|that|mine ..1 to <amt>
		likely|probably|definitely|and @give <amt>
		start off|out? with ..2 <amt>
		<amt> from my
		<amt> of|out of? my payment|earnings|pay|reward|bonus|wages|paycheck`)
	say(commit, "paying_now", `
		my card number is
		here is my card
		let me get|grab|find my ..1 card|wallet|purse|checkbook|cards
		i will|am get|getting|grab|grabbing my ..1 card|wallet|purse|checkbook|pen`)
	say(commitWeak, "would_give", `
		@i @adv*2 would|could @adv*3 @give
		@i @adv*2 might @give
		would|am|are @adv*2 interested in @adv*2 @giving|making
		@i @adv*2 want to @adv*2 give
		@i @adv*2 can|could @adv*2 give`)
	say(commitWeak, "would_help", `
		@i @adv*2 want to @adv*2 @help|@chip
		@i @adv*2 can|could|will|would|shall @adv*3 @help|@chip
		@i @adv*3 would @adv*2 like|love|want to @adv*2 @help|contribute
		@glad to @adv*2 @help|contribute|oblige
		^ glad|happy|love|like to
		do|would not mind @adv*2 helping|contributing|supporting|doing`)
	say(commitWeak, "share_of_pay", `
		half|all|whole|entire|portion|part|some|full|rest|percent of ..2 payment|earnings|pay|reward|bonus|wages|paycheck|amount|task
		my entire|whole|full|total payment|earnings|pay|reward|bonus|wages|task
		^ donate $
		^ whatever|anything i can
		let me do ..1 something|that
		@i am @adv*1 thinking about|of @giving
		^ half|everything|both $
		^ a? portion|part|some|half|most|piece of it|that|them|mine
		^ all of it
		a few dollars|cents|bucks
		a small|little amount|donation|something|bit
		full amount
		the minimum
		take your|the|a|my ..1 money|<money>|penny|pennies|cent|dollar
		we should @adv*2 both? @give`)
	say(assent, "assent", `
		will be ..1 @glad to $
		@i @adv*2 will @adv*1 renew|help|match
		same as|amount last|before|usual|always|again|this
		our|my usual
		do what i|we can
		send what i|we can
		give what i|we can
		^ go for it
		@i @adv*1 think|guess|suppose|believe @i can|could|will $
		@i @adv*1 am open to ..1 giving|donating
		@i @adv*2 can|could @adv*1 handle|manage|swing|do that|it
		@i @adv*2 will|can|would|could|shall @adv*1 do that|it|so|this
		@i @adv*2 will|would|shall @adv*2 $
		@i @adv*1 am|are going to $
		and|yes am|are going to $
		@i always do|have|will $
		might|may as well
		what the heck|hell
		you win
		crazy|fool|foolish|mad|silly not to
		would|will not miss it
		can|may count on it
		yes ..1 plan|intend to $
		but|and i plan|intend to $
		that|this|which @i @adv*1 can|could do|handle|manage|swing
		least @i can|could do
		^ you got|have|bet it $
		consider it done
		^ you know it $
		ready when you are
		with pleasure
		be my|our pleasure
		@i accept
		say no more
		how could i|we not
		why would not i|we
		no doubt $
		let us make it happen
		@i am|are @adv*1 down for|with it|that|this
		@i am|are @adv*1 down $
		@i am|are all for it
		consider me|us in
		^ is|was? a yes
		that is a ..1 yes
		hate to say no
		can not say no
		we are behind you
		@i can $
		^ of course
		^ why not
		@i do not see why not
		no reason not to
		@i @adv*2 would like|love|be that|to|happy|glad|willing|delighted|honored
		@i @adv*1 am|are @adv*1 willing|ready to? $
		@i @adv*1 am|are @adv*1 happy|glad to $
		^ you bet|betcha
		^ for sure
		^ @glad to
		^ by all means
		^ let us do it|that|this
		@i @adv*2 will do the same|as
		same|me here|too|as $
		@i @adv*2 will too
		would|can|could not say no
		how can|could i|we say|refuse no?
		can|could not refuse|resist|turn|pass you|it|down|up|that
		twisted|twist my arm
		whatever i can
		would not hurt`)
	say(ack, "yes", `
		^ @yes
		@i guess|suppose so
		^ exactly|agreed|done|deal|correct $
		^ okie dokie?
		^ heck|hell yes
		^ mhm|mhmm|mmhm|yessir|yessiree|affirmative|roger|righto|aye|yas|surely|totally $
		^ mm|uh|um hm|huh|hmm|mhm $
		^ please $
		^ please and thank
		^ please do
		^ go ahead
		^ go on then
		put my|our name on|down`)
	say(agree, "agrees", `
		^ sounds|sound|seems @adv*1 @fits
		^ sounds|sound @adv*1 @fits to|for|with me|us
		^ sounds like a plan
		^ that|it|this @adv*1 is|works|sounds|would|should|will|seems ..3 @fits|work ..1 with|to|for|by? me|us?
		^ that|it|this @adv*1 is|works|sounds|would|should|will|seems ..3 @fits|work
		^ that|it|this works
		works|work for me|us
		@fits with|by|for me|us
		^ good|great|perfect|cool $
		^ no|not a? problem|issue|trouble|objection|objections
		do not @adv*1 have|see ..1 problem|issue|trouble|objection|objections
		do not think|see|believe ..5 problem|issue|trouble
		@i @adv*1 am|are @adv*2 @fits|comfortable with that|it|this`)
	say(amountOnly, "amount", `
		^ <amt>
		maybe|about|around|between|like|say|only|just|think|guess|for|with|than|approximately|probably|perhaps|possibly|least|most|another <amt>
		the? max|maximum|limit|minimum <amt>`)
}
