package outcome

// French, German, Italian and Portuguese: plain refusals and bare answers. What
// goes beyond them stays unknown; opt-outs are in cues_optout.go.
func init() {
	say(refuse, "refuse_fr", `
		non merci
		m|nous interesse|interessent pas
		pas ..1 interesse|interessee|interesses
		ne veux|peux|souhaite|desire pas ..1 donner|faire|contribuer|aider
		ne donne|donnons pas|rien
		je refuse`)
	say(refuseSoft, "not_now_fr", `
		pas maintenant|aujourd
		je ne peux pas`)
	say(refuse, "refuse_de", `
		nein ..1 danke
		kein|keine interesse
		nicht interessiert
		mochte|will|kann|werde ..1 nicht|nichts ..1 spenden|geben|helfen
		ich spende|gebe nichts|nicht`)
	say(refuse, "refuse_it_pt", `
		no grazie
		non mi interessa
		non sono interessato|interessata
		nao obrigado|obrigada
		nao tenho|estou interesse|interessado|interessada`)
	say(bareNo, "no_other", `
		^ non|nein|nao $
		^ nein|nao`)
	say(ack, "yes_other", `
		^ oui|ja|sim $
		^ oui|ja ..1 volontiers|gerne|gern|accord
		^ oui bien sur`)
	say(callback, "call_back_other", `
		rappelez ..2 plus|demain|tard|ce|lundi|mardi|mercredi|jeudi|vendredi
		rufen ..4 spater|morgen|zuruck`)
	say(wrong, "wrong_number_other", `
		mauvais|faux numero
		trompez|trompe de numero
		falsche nummer
		falsch verbunden
		numero sbagliato
		numero errado
		foi engano`)
}
