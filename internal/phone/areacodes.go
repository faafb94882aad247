package phone

// overlaid lists, for an area code laid over others, the codes whose territory it shares. The library gives an overlay
// one zone even where its parent spans two (364, 448, 930), and sometimes a wrong one (689 Orlando, 474 Saskatchewan).
// Codes whose answer is the same with and without their parent are left out. Source: NANPA and CNA relief plans.
var overlaid = map[int][]int{
	236: {250}, // British Columbia: 236, 257, 672 and 778 cover the whole province
	257: {250}, // British Columbia
	367: {418}, // eastern Quebec
	364: {270}, // western Kentucky
	448: {850}, // Florida panhandle
	458: {541}, // Oregon but the north-west
	474: {306}, // Saskatchewan
	581: {418}, // eastern Quebec
	639: {306}, // Saskatchewan
	672: {250}, // British Columbia
	689: {407}, // Orlando
	729: {423}, // eastern Tennessee
	778: {250}, // British Columbia
	879: {709}, // Newfoundland and Labrador
	930: {812}, // southern Indiana
	986: {208}, // Idaho
}

// alsoIn lists zones of an area code that the library knows nothing of. Source: the tz database (files northamerica and
// zone1970.tab) beside the area code's territory.
var alsoIn = map[int][]string{
	250: {"America/Dawson_Creek"}, // Peace River keeps Mountain Standard Time all year
	306: {"America/Edmonton"},     // Lloydminster keeps Alberta's time, with daylight saving
	709: {"America/Goose_Bay"},    // Labrador keeps Atlantic time, with daylight saving
}
