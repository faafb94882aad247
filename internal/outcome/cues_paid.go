package outcome

// Payment that is done, on the call or before it for this appeal.
func init() {
	say(paid, "paid", `
		already|just @adv*1 @paidverb ..5 it|check|payment|donation|gift|envelope|money|that|card|one|mine|in|off|online|form|pledge|contribution|<amt>
		@i have? @adv*1 already|just @adv*1 paid
		have|has @adv*2 paid|mailed|sent|submitted|completed ..3 it|check|payment|donation|gift|envelope|money|in
		just|already @adv*1 did|done it|that|so
		@i sent|paid|gave ..1 <money>
		@i have? sent|mailed|paid|gave|donated|contributed ..2 <amt> ..6 @paidwhen
		@i have sent|mailed|paid ..2 <amt>
		just|already @adv*1 made my|our|the|a ..1 gift|donation|payment|contribution|pledge
		responded|replied|answered ..5 with a|my|our check|donation|gift|contribution
		check ..2 cleared|cashed|processed
		already @adv*1 responded|answered|returned
		renewed already
		already renewed
		@i have? just @adv*1 donated|gave|given|did|made|done
		@i @adv*1 mailed|dropped|sent|put ..3 check|envelope|donation|payment|gift|contribution|money|pledge
		@i paid ..5 online|card|website|already|yesterday|it|check|<amt>
		already @adv*1 donated|gave|given|did|made|contributed ..5 @paidwhen
		@i @adv*1 sent|mailed it|mine|that|one
		@i already? @adv*1 hit|clicked|pressed|pushed|tapped ..1 submit|donate|send|pay
		and hit|clicked|pressed|pushed|tapped ..1 submit|donate|send|pay
		it is|was|has ..1 confirmed|approved|processed|submitted
		have my|our check|donation|gift|payment already
		should|will|must @adv*1 have|get ..1 my|our @gift ..1 already|by|in|soon|any|$
		already @adv*1 donated|gave|given|contributed ..1 to this|your|the @adv*1 drive|appeal|campaign|fundraiser|fund
		see|saw|seen the|my|a charge|receipt|confirmation
		@i have? @adv*1 donated|gave|contributed|did ..5 @paidwhen
		@i have? @adv*1 donated|gave|contributed ..4 last week|night
		@i have? @adv*1 made my|our|the|a ..1 gift|donation|payment|contribution|pledge
		already took care of
		took|taken care of it|that online|already|yesterday|today|last
		payment|card|donation|transaction|it|that @adv*1 went|gone through|okay
		payment|donation|transaction|order ..2 complete|completed|successful|approved|processed|confirmed|submitted|accepted
		it says ..3 thank|thanks|successful|confirmed|complete|received|approved|success
		^ says ..2 thank|thanks|successful|confirmed|complete|received|approved|success
		got|have|received|see|here ..3 confirmation|receipt ..1 email|number|page|already|in|right|from|for|$
		confirmation number is
		just hit|clicked|pressed|pushed|tapped ..1 submit|donate|send|pay
		check ..3 is|went|was @adv*1 in|on the|its|it mail|way
		put|dropped ..4 in the mail ..2 yesterday|today|already|friday|monday|last|this
		already put|dropped ..4 mail
		charged my|the|our card
		all paid
		check|gift|donation|payment|envelope went|gone|is|was ..1 out|off on|already|yesterday|last|this|today|$
		and dropped|mailed|brought|sent off|by|in? ..2 check|gift|donation|envelope|money
		payment|check|transaction|donation|charge ..1 cleared|processed|posted
		check number ~4 mailed|sent|posted
		put|dropped|mailed ..3 check ..2 in the mail ..2 yesterday|today|already|last
		payment|donation|gift is|was ..1 done|made|in
		gave|donated|gave|contributed|did|paid ~6 through|on|via|using|at your ..2 website|site|page|form|link|portal|app|web
		should|must|will have gotten|got|received my|our|the|it ..1 check|payment|donation|gift|money|$
		you|they @adv*1 already? charged|debited|deducted my|our|the
		my bank|wife|husband|accountant|son|daughter|office already? just? sent|mailed|paid|wired|dropped ..3 it|check|payment|transfer|donation|money|gift|<amt>
		went|going|gone|goes out|off? in|by the? mail|post
		and mailed|sent|dropped|submitted|paid it|that
		@i @adv*1 wrote|sent|mailed|gave you|them|@us ..2 check|cheque
		it|that|they took|accepted|charged my card|payment
		@i @adv*1 paid that|the|this|my|mine|off|in ..2 @gift|one|already|last|yesterday|full|$
		@i @adv*1 put it|that|the ..2 through|in
		just|already @adv*1 now? venmo|zelle|paypal|cashapp would? you|it|<amt>
		it is @adv*1 paid
		paid in full`)
}
