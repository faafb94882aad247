package outcome

// That the person cannot be reached at this number: another household or a
// business, a number that was passed on, a person who moved or died.
func init() {
	say(wrong, "wrong_number", `
		wrong|incorrect number|person|phone|house|guy|lady|woman|man|place|party|family|fella|fellow|dude|gal|line|one|extension|department|address|apartment
		just moved in|into|here
		never|not had|owned|used this|the number|phone|line
		number with|came ..1 the|with|this ..1 apartment|phone|house|plan
		nobody|anybody|anyone|no one? one? ..2 by|with|of|named|called that|this|the|<name> name?
		no one here|by|named|called ..1 by|named|called
		nobody|anyone|anybody|no one? named|called
		is|are|was not no <name>|one|such|body ..2 here|there|at|$
		gave|given|got up|rid ..1 this|that|the number|phone
		number|it|phone is mine now
		no one named|called
		no <name> here|lives|at
		there is|are not? no? <name>
		there is|are|was no|not ..3 here|name|number|house
		is|are|does|do|did not @adv*1 live|lives|at|have|lives|reside|work|works|stay|own|use|belong|exist ..2 here|number|phone
		number|phone|line is|does not|no ..2 hers|his|theirs|longer|@they|<name>
		is|are not ..2 at|here|on|with this|number|phone|any
		no longer at|has|have|lives|live|uses|works|work|with|owns|reside|resides ..3 here|number|us|address|phone|company
		@they|<name>|person moved|left ..2 away|out|years|ago|long|months|company
		not a|my|his|her|their|the|<name> ..1 number
		not his|her|their|<name> phone|number
		changed|got|has|have @adv*1 a|his|her|their new|different number
		changed ..1 his|her|their number
		never heard of him|her|them|that|<name>
		not know|recognize ..3 anyone|anybody|him|her|person|named|name|<name>|who that|this|is|by|he|she|person|$
		getting|get calls for him|her|them|<name>|someone|somebody
		not know him|her|them|any|anyone|anybody|<name> $
		not know a|any|anyone|anybody|no ..3 name|named|called|by|<name>
		dialed|called|calling|got|have|misdialed|reached @adv*1 wrong|incorrectly
		misdialed
		@they is|has ..1 moved
		@they|<name> moved $
		someone|somebody else number|phone
		does not ..1 live|lives|stay ..2 with|here|any
		belongs to somebody|someone|another|a
		gone|left from here|this
		no ..1 forwarding
		this is|was not his|her|their|him|she|he ..1 number|phone|line|house|place|any|$
		not the right number|person|house|phone
		no such person|people|name|number
		has|have not|never lived|worked|been|resided ..1 here|there|at
		not ..2 phone|number any
		not who|the you|one|person ..3 looking|calling|want|need|trying
		not my name
		my name is not
		do not have a|any|anyone|anybody ..2 here|named|called|<name>
		used to live|be|work|belong ..4 here|number|phone|house|place
		had|have this|the number|phone before
		previous|former|old owner|tenant|tenants|occupant|resident|owners
		my ex wife|husband
		@they|<name>|person moved to|in
		bought ..2 house|place
		you are|have calling|called|reached|dialed ..5 courthouse|court|hospital|school|office|department|store|restaurant|hotel|library|clinic|company|station|business|shop
		this is ..4 @shop
		this is a|an|the ..3 @shop|kitchen|diner|deli
		you ..1 called|reached|got|calling|have a|an|the ..2 @shop
		@they|<name> ..1 has|got a new|different one|number
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
		is|are|was deceased
		^ @kin ..2 died|passed`)
	say(wrongIfAsked, "deceased", `
		this is a|an|the ..2 place
		not me $
		^ no ..1 this is <name>
		^ this is <name> phone|cell|number|line|house
		^ not <name> $
		lost my @kin
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
}
