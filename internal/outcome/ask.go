package outcome

// askKind says what the agent's last words asked, and so what a bare reply to
// them answers. It never decides anything by itself.
type askKind uint8

const (
	askNone    askKind = iota
	askSoft            // a plea, no question: "every dollar helps"
	askGift            // "could you give fifty?"
	askMore            // "could you make it a hundred?", after a promise or in place of one
	askTooMuch         // "is that too much?": no means yes
	askPerson          // "is this Linda?", "may I speak with Linda?"
	askOther           // anything else
)

type ask struct {
	kind  askKind
	cents *int64 // the one amount it named

	monthly bool
	moment  bool // asked whether this is a good time
	hour    bool // asked about an hour: "is ten o'clock alright?"
}

var askCues phrases[askKind]

func init() {
	askCues.add(askGift, `
		would|will|can|could|do|are|is|may|might|shall|were|did you|that|it|we|i ..6 donate|donating|donation|give|giving|contribute|contributing|contribution|pledge|pledging|spare|chip|sponsor|gift|help|helping|support|supporting|join
		should|shall|would|can|could we ..4 donate|give|contribute|do
		would|will|can|could you ..3 <amt>|commit|consider|do
		how much|many ..8 donate|give|contribute|like|willing|pledge|comfortable|want|put|commit|donating|giving|contribution|able|spare
		how about ..2 <amt>|a|donating|giving|we
		what about <amt>
		count|rely|depend on you
		^ how much $
		what amount|size|level
		what would|will|might|amount ..1 feel|be|seem|sound|make|works? ..1 right|comfortable|good|fair
		what can|could|would you ..3 give|do|spare|manage|donate|like|contribute
		can|could|may i|we ..3 count|put|sign|interest|get|expect|pencil|mark|rely|depend|enroll|process ..2 you
		can|could|may i|we|you ..4 donation|gift|pledge|card|payment
		can|could|would|will|is|does|how <amt> ..4 work|okay|fine|possible|do|good|manageable|comfortable|sound|reasonable
		would|does|is|could|can|will that|this|it|a|any ..4 <amt>|gift|donation|amount
		are you @adv*2 interested|willing|ready|able|in
		you ..2 interested in ..2 donating|giving|helping|contributing|making
		willing to ..3 donate|give|help|contribute|make
		like to ..3 donate|give|contribute|make
		like to ..2 donate|give|contribute|help|support|make
		match ..2 me|us|that|it|gift|donation|mine|amount
		reconsider|chip in|pitch in
		so|then|and you|that ..3 donating|donation|pledging|<amt>
		consider ..2 donating|giving|a|donation|gift|making
		will you
		puede|podria|puedo|gustaria|quiere|quisiera|podemos ..4 donar|ayudar|contribuir|dar|apoyar|contar|donacion|aportar|<amt>
		cuanto ..4 donar|dar|contribuir|puede|gustaria`)
	askCues.add(askMore, `
		more|increase|raise|higher|double|another|additional|extra|bump|bigger|upgrade
		a month|monthly|recurring $
		little|bit more|extra
		every|each|per month
		monthly|recurring ..2 gift|donor|donation|basis|giving
		full|whole|entire amount
		make it|that <amt>|a|an`)
	askCues.add(askTooMuch, `
		too much|high|steep
		out of reach
		a lot to ask
		is that a problem
		would|do you mind
		a stretch
		keep ..3 <money>|it|bonus|payment|money|earnings|all|pay`)
	askCues.add(askOther, `
		your ..1 friends|family|coworkers|neighbors|husband|wife|church|kids|children
		have|had you ..2 ever|heard|donated|given|supported|contributed|volunteered|been|visited
		did|do you @adv*1 ever|usually|often|regularly|currently|normally|already|volunteer|know|have|live|work|think|feel|mean|remember|agree|believe|see|enjoy|watch
		do you @adv*1 @give
		do you support
		ever|usually|often|regularly|previously ..2 donate|donated|give|given|volunteer|volunteered|gave
		like|want|care|ready to ..2 know|hear|learn|see|receive|visit|check|read|talk|stay
		like more|some|the|a information|info|details|link|brochure|receipt
		like me|us to
		shall|should|can|could|may i|we ..2 send|mail|email|text|explain|tell|share|call|ask|answer|confirm|verify|check|read
		any ..2 questions
		anything else|more
		questions for me
		how do|are|did|would you|they feel|feeling
		how|what ..2 old|children|think|kind|time|day|doing|about|state|city|name|email|address|favorite
		how are|is|often|long
		have ..2 kids|children|minute|moment|second|time|questions
		a good|bad|convenient time
		can you hear
		where
		why
		what is|was
		still there
		did i|we
		where are|do
		es buen momento`)
	askCues.add(askPerson, `
		speak|speaking|talk|talking with|to
		is this|that|he|she <name>
		is <name> there|home|available|around|in
		is ..3 there|home|available
		looking|calling|asking for
		reached|reach <name>
		this is <name> right|correct
		hablo|hablar con
		esta <name>`)
	askCues.add(askSoft, `
		please ..4 donate|give|help|consider|support|join|contribute
		any|every|whatever ..2 amount|donation|bit|penny|dollar|little|cent|gift|thing
		little|cents|dollar|dollars|penny|pennies|cent|bit ..2 helps|help|counts|matter|difference|goes
		your donation|gift|support|contribution|help|pledge|donations|generosity
		choose any|an|how|the amount|much
		we|i @adv*1 suggest|ask|asking|recommend|hoping|hope|need|urge ..3 you|donate|donating|donation|donations|help|people|everyone|that
		like|want|love|need|ask to? ask? you
		like you to
		i @adv*1 plan|planning|am|will|going|have ..3 donate|donating|donated|pledged|giving
		let us do|both|all|split|agree
		as little as
		small|make|making ..1 donation|gift|contribution
		you can|could|may ..3 donate|give|contribute|choose
		you ..2 donate|donating|give|contribute
		ask|asking ..2 for ..4 donation|gift|contribution|support
		asking ..6 donate|give|donation|donations|support
		@give ..4 today|now|tonight`)
}

// generic questions ask about the sentence before them: "Is that okay?".
var genericCues phrases[bool]

func init() {
	genericCues.add(true, `
		^ what do you think
		^ what do|would you say
		^ how does|do|would that|this|it sound
		^ does|would|will|is|are that|this|it|you ..2 sound|work|okay|fine|good|right|something|possible|correct|interest|be|doable
		^ right|correct|okay|yes|deal|agreed|really|please $
		^ is that|this right|correct|okay
		^ are you sure|certain
		^ shall we
		^ you in
		^ would|could|can|will you $
		^ can|could|will you do that|it|this
		^ what about|say you
		^ how about you|it|that $
		^ and|or? you|yourself $`)
}
