package salesforcesim

// The objects of the simulated org. The numbers of generated objects' fields are constants, because the generator needs them.
const (
	cMaster = fOwn + iota
	cAccount
	cLast
	cFirst
	cSalutation
	cName
	cPhone
	cMobile
	cHome
	cOther
	cAssistant
	cEmail
	cTitle
	cDepartment
	cStreet
	cCity
	cState
	cPostal
	cCountry
	cAddress
	cSource
	cDescription
	cOwner
	cNoCall
	cNoEmail
	cNoFax
	cBirthdate
	cActivity
	cExternal
	cPerson
)

var contactObject = newObject(1, "Contact", "Contact", "003",
	ref("MasterRecordId", "MasterRecord", "Contact").fixed(), ref("AccountId", "Account", "Account"),
	str("LastName", 80).must().part("Name"), str("FirstName", 40).part("Name"), pick("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."), str("Name", 121).fixed(),
	typed("Phone", typePhone, 40), typed("MobilePhone", typePhone, 40), typed("HomePhone", typePhone, 40), typed("OtherPhone", typePhone, 40), typed("AssistantPhone", typePhone, 40),
	typed("Email", typeEmail, 80).index(), str("Title", 128), str("Department", 80),
	typed("MailingStreet", typeText, 255).part("MailingAddress"), str("MailingCity", 40).part("MailingAddress"), str("MailingState", 80).part("MailingAddress"),
	str("MailingPostalCode", 20).part("MailingAddress"), str("MailingCountry", 80).part("MailingAddress"), typed("MailingAddress", typeAddress, 0).fixed(),
	pick("LeadSource", leadSources...), typed("Description", typeText, 32000), ref("OwnerId", "Owner", "User"),
	flag("DoNotCall"), flag("HasOptedOutOfEmail"), flag("HasOptedOutOfFax"), typed("Birthdate", typeDate, 0), typed("LastActivityDate", typeDate, 0).fixed(),
	str("External_Id__c", 60).ext(), flag("IsPersonAccount").fixed())

const (
	lMaster = fOwn + iota
	lLast
	lFirst
	lSalutation
	lName
	lTitle
	lCompany
	lStreet
	lCity
	lState
	lPostal
	lCountry
	lAddress
	lPhone
	lMobile
	lEmail
	lWebsite
	lDescription
	lSource
	lStatus
	lIndustry
	lRating
	lRevenue
	lEmployees
	lOwner
	lNoEmail
	lNoCall
	lNoFax
	lConverted
	lConvertedDate
	lConvertedAccount
	lConvertedContact
	lConvertedOpportunity
	lUnread
	lActivity
	lExternal
)

var leadObject = newObject(2, "Lead", "Lead", "00Q",
	ref("MasterRecordId", "MasterRecord", "Lead").fixed(),
	str("LastName", 80).must().part("Name"), str("FirstName", 40).part("Name"), pick("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."), str("Name", 121).fixed(),
	str("Title", 128), str("Company", 255).must(),
	typed("Street", typeText, 255).part("Address"), str("City", 40).part("Address"), str("State", 80).part("Address"), str("PostalCode", 20).part("Address"),
	str("Country", 80).part("Address"), typed("Address", typeAddress, 0).fixed(),
	typed("Phone", typePhone, 40), typed("MobilePhone", typePhone, 40), typed("Email", typeEmail, 80).index(), typed("Website", typeURL, 255), typed("Description", typeText, 32000),
	pick("LeadSource", leadSources...), pick("Status", leadStatuses...), pick("Industry", industries...), pick("Rating", ratings...),
	typed("AnnualRevenue", typeCurrency, 0), typed("NumberOfEmployees", typeInt, 0), ref("OwnerId", "Owner", "User"),
	flag("HasOptedOutOfEmail"), flag("DoNotCall"), flag("HasOptedOutOfFax"), flag("IsConverted").fixed(), typed("ConvertedDate", typeDate, 0).fixed(),
	ref("ConvertedAccountId", "ConvertedAccount", "Account").fixed(), ref("ConvertedContactId", "ConvertedContact", "Contact").fixed(),
	ref("ConvertedOpportunityId", "", "Opportunity").fixed(), flag("IsUnreadByOwner"), typed("LastActivityDate", typeDate, 0).fixed(), str("External_Id__c", 60).ext())

const (
	aMaster = fOwn + iota
	aName
	aType
	aIndustry
	aRating
	aPhone
	aWebsite
	aCity
	aState
	aOwner
	aPerson
	aNoCall
	aPersonMobile
)

var accountObject = newObject(3, "Account", "Account", "001",
	ref("MasterRecordId", "MasterRecord", "Account").fixed(), str("Name", 255).must(), pick("Type", "Household", "Organization", "Foundation"),
	pick("Industry", industries...), pick("Rating", ratings...), typed("Phone", typePhone, 40), typed("Website", typeURL, 255),
	str("BillingCity", 40), str("BillingState", 80), ref("OwnerId", "Owner", "User"),
	flag("IsPersonAccount").fixed(), flag("PersonDoNotCall"), typed("PersonMobilePhone", typePhone, 40))

const (
	tWho = fOwn + iota
	tWhat
	tSubject
	tSubtype
	tStatus
	tPriority
	tActivityDate
	tDescription
	tCallType
	tCallDuration
	tCallDisposition
	tCallObject
	tOwner
	tClosed
	tExternal
)

var taskObject = newObject(4, "Task", "Task", "00T",
	ref("WhoId", "Who", "Contact", "Lead"), ref("WhatId", "What", "Account", "Campaign"), str("Subject", 255), pick("TaskSubtype", "Task", "Call", "Email"),
	pick("Status", "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"), pick("Priority", "High", "Normal", "Low"),
	typed("ActivityDate", typeDate, 0), typed("Description", typeText, 32000), pick("CallType", "Internal", "Inbound", "Outbound"),
	typed("CallDurationInSeconds", typeInt, 0), str("CallDisposition", 255), str("CallObject", 255).index(), ref("OwnerId", "Owner", "User"),
	flag("IsClosed").fixed(), str("Dialer_Call_Id__c", 64).ext())

const (
	mCampaign = fOwn + iota
	mLead
	mContact
	mStatus
	mResponded
)

var memberObject = newObject(5, "CampaignMember", "Campaign Member", "00v",
	ref("CampaignId", "Campaign", "Campaign").once().must(), ref("LeadId", "Lead", "Lead").once(), ref("ContactId", "Contact", "Contact").once(),
	pick("Status", memberStatuses...), flag("HasResponded").fixed())

var campaignObject = newObject(6, "Campaign", "Campaign", "701",
	str("Name", 80).must(), pick("Type", "Telemarketing", "Email", "Event"), pick("Status", "Planned", "In Progress", "Completed", "Aborted"),
	flag("IsActive"), ref("OwnerId", "Owner", "User"))

var userObject = newObject(7, "User", "User", "005", str("Username", 80), str("Name", 121), str("LastName", 80), typed("Email", typeEmail, 80), flag("IsActive"))

var organizationObject = newObject(8, "Organization", "Organization", "00D", str("Name", 80), str("OrganizationType", 40), flag("IsSandbox"), str("InstanceName", 5))

var leadStatusObject = newObject(9, "LeadStatus", "Lead Status Value", "01J",
	str("MasterLabel", 255), str("ApiName", 255), flag("IsConverted"), flag("IsDefault"), typed("SortOrder", typeInt, 0))

var memberStatusObject = newObject(10, "CampaignMemberStatus", "Campaign Member Status", "01Y",
	ref("CampaignId", "Campaign", "Campaign"), str("Label", 255), flag("HasResponded"), flag("IsDefault"), typed("SortOrder", typeInt, 0))

// objects in the order of their codes.
var objects = []*object{contactObject, leadObject, accountObject, taskObject, memberObject, campaignObject, userObject, organizationObject, leadStatusObject, memberStatusObject}

func init() {
	for _, o := range []*object{userObject, organizationObject, leadStatusObject, memberStatusObject} {
		o.queryOnly = true
	}
}
