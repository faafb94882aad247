package outcome

// Spanish, for the replies that are common on calls in the United States.
func init() {
	say(commit, "will_give_es", `
		voy|vamos a donar|dar|contribuir|aportar|colaborar|mandar|enviar|ayudar|cooperar
		puedo|podemos|podria donar|dar|contribuir|aportar|ayudar|colaborar|mandar ..2 <amt>
		puedo|podemos donar|contribuir|aportar|colaborar
		quiero|quisiera|gustaria|encantaria|queremos donar|contribuir|aportar|colaborar|dar
		quiero|quisiera|gustaria hacer ..1 donacion|contribucion|donativo
		cuente|cuenten|cuenta conmigo
		apunteme|anoteme|pongame|inscribame|apunteme|anotenme
		le|les|te doy|mando|envio|dono ..2 <amt>
		donare|dare|mandare|enviare|contribuire|aportare
		yo? dono|doy <amt>
		prometo <amt>|donar|dar`)
	say(commitWeak, "would_give_es", `
		si puedo
		con gusto
		me gustaria|encantaria ayudar
		quiero|voy|puedo a? ayudar|cooperar
		por supuesto
		esta bien
		de acuerdo
		como no
		^ bueno si`)
	say(ack, "yes_es", `
		^ si
		^ claro
		^ perfecto`)
	say(paid, "paid_es", `
		ya lo? pague|mande|envie|deposite
		ya hice|hicimos ..1 pago|donacion|deposito|donativo
		ya done|doné ..3 internet|linea|semana|ayer|hoy|pagina
		acabo de pagar|donar|mandar|hacer`)
	say(refuse, "refuse_es", `
		no me|nos interesa
		no gracias
		no ..1 estoy|estamos interesado|interesada|interesados
		no quiero|deseo|queremos|pienso donar|dar|contribuir|nada|ayudar|participar
		no voy|vamos a donar|dar|contribuir|poder
		no puedo|podemos ..1 donar|dar|contribuir|ayudar|ahora|colaborar|en
		no muchas? gracias`)
	say(refuseSoft, "not_now_es", `
		ahora no
		por ahora no
		en este momento no
		hoy no
		no por ahora
		no puedo $
		no en este momento`)
	say(refuseWeak, "reason_es", `
		no tengo|tenemos ..2 dinero|plata|trabajo|empleo|recursos
		no ..1 alcanza
		sin trabajo|dinero|empleo
		ya done|di|dimos|donamos|ayude|doy|dono|contribui
		mi esposo|esposa|marido|mujer se? encarga|maneja|decide`)
	say(deferred, "think_es", `
		lo|la voy a pensar
		voy a pensarlo|pensar|considerarlo
		dejeme|dejame|tengo|necesito|quiero que? pensarlo|pensar|consultarlo|hablar|ver|preguntar
		lo|la pensare
		tal vez
		quizas|quiza
		hablar|consultar|consultarlo con mi
		mas adelante
		el proximo|otro mes|ano
		la proxima`)
	say(interest, "interest_es", `
		me interesa
		suena bien|interesante
		mandeme|envieme|mandame|mandenme|enviame|enviarme|mandarme|enviar ..2 informacion|folleto|correo|carta|algo|enlace|detalles
		mas informacion
		cuenteme|digame|expliqueme mas|de|como
		quiero|quisiera|gustaria saber|informacion|conocer
		como|donde puedo|puede|hago|se ..1 donar|ayudar|dar|para|dona|contribuir|pago
		que bueno|bonito|bien|interesante`)
	say(callback, "call_back_es", `
		llameme|llamame|llamenme|llamen|llame|marqueme ..2 luego|tarde|manana|despues|otro|otra|el|en|lunes|martes|miercoles|jueves|viernes|sabado|domingo|cuando|a
		llame ..1 mas tarde
		puede|puedes|podria|pueden llamar|llamarme|llamarnos|marcarme ..3 luego|tarde|manana|despues|otro|otra|el|en|a
		vuelva|vuelvan|vuelve a llamar|llamarme
		hablamos|hablar ..1 luego|tarde|manana|despues
		intente mas|luego|manana
		otro momento|dia|rato`)
	say(callbackWeak, "bad_time_es", `
		no es ..2 buen|mejor momento
		mal momento
		estoy ..2 ocupado|ocupada|manejando|trabajando|conduciendo|comiendo
		no puedo hablar
		no esta ..1 en|aqui|casa|disponible|ahorita
		esta trabajando|en el`)
}
