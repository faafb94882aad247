package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// sampleRecords is the sample org: 240 Contacts and 80 Leads.
const sampleRecords = 320

func simulateSalesforce(ctx context.Context, args []string, out streams) error {
	fs := flags("simulate salesforce", "simulate salesforce [--addr 127.0.0.1:PORT] [--faults SPEC] [--seed N] [--records N] [--ties N] [--rotate] [--hide FIELDS] [--person-accounts] [--bulk-delay D] [--jwt-key FILE]",
		"henk simulate salesforce --addr 127.0.0.1:8086 --records 1000000 --rotate --faults 401=2%,503_html=1%", out)
	addr := fs.String("addr", "127.0.0.1:8086", "where to listen")
	faults := fs.String("faults", "", "faults to inject, such as 401=5%,503_html=2%,locator_gone=3%,lock=1%")
	seed := fs.Int64("seed", 1, "the same seed gives the same org")
	records := fs.Int("records", sampleRecords, "records to generate, three Contacts for every Lead; up to 5000000")
	ties := fs.Int("ties", 0, "so many Contacts, and so many Leads, have one SystemModstamp")
	rotate := fs.Bool("rotate", false, "every refresh gives a new refresh token; using an old one revokes all of them")
	hide := fs.String("hide", "", "fields that the user does not see, such as Contact.DoNotCall,Lead.DoNotCall")
	people := fs.Bool("person-accounts", false, "the org has person accounts")
	delay := fs.Duration("bulk-delay", 200*time.Millisecond, "how long a Bulk job takes")
	jwtKey := fs.String("jwt-key", "", "a PEM file with the RSA public key that JWT assertions are signed for")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	spec, err := salesforcesim.ParseFaults(*faults)
	if err != nil {
		return usageError{err.Error()}
	}
	if *records < 0 || *records > salesforcesim.MaxRecords {
		return usagef("--records must be from 0 to %d", salesforcesim.MaxRecords)
	}
	if *ties < 0 || *delay < 0 {
		return usagef("--ties and --bulk-delay cannot be below 0")
	}
	opt := salesforcesim.Options{Seed: *seed, Ties: *ties, Rotate: *rotate, PersonAccounts: *people, BulkDelay: *delay, Faults: spec, Clock: time.Now}
	opt.Contacts, opt.Leads = salesforcesim.SampleOrg(*records)
	if *hide != "" {
		opt.Hidden = strings.Split(*hide, ",")
	}
	for _, name := range opt.Hidden {
		if err := salesforcesim.ParseField(name); err != nil {
			return usageError{err.Error()}
		}
	}
	if *jwtKey != "" {
		if opt.JWTKey, err = readPublicKey(*jwtKey); err != nil {
			return err
		}
	}
	opt.RefreshToken = cmp.Or(os.Getenv("SALESFORCE_REFRESH_TOKEN"), "5Aep_sim_"+rand.Text())
	opt.ClientID = cmp.Or(os.Getenv("SALESFORCE_CLIENT_ID"), "3MVG_sim_"+rand.Text())
	opt.ClientSecret = cmp.Or(os.Getenv("SALESFORCE_CLIENT_SECRET"), rand.Text())
	opt.Username = cmp.Or(os.Getenv("SALESFORCE_USERNAME"), "integration@sample.example.org")
	opt.Password = cmp.Or(os.Getenv("SALESFORCE_PASSWORD"), rand.Text())
	return serveSimulator(ctx, *addr, salesforcesim.New(opt), out.stdout, func(url string) string {
		return fmt.Sprintf("SALESFORCE_REFRESH_TOKEN=%s\nSALESFORCE_CLIENT_ID=%s\nSALESFORCE_CLIENT_SECRET=%s\nSALESFORCE_USERNAME=%s\nSALESFORCE_PASSWORD=%s\nSALESFORCE_LOGIN_URL=%s\n",
			opt.RefreshToken, opt.ClientID, opt.ClientSecret, opt.Username, opt.Password, url)
	})
}

func readPublicKey(path string) (*rsa.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the JWT key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the JWT key is no PEM file; write one with openssl rsa -in key.pem -pubout")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the JWT key: %w", err)
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the JWT key is no RSA public key")
	}
	return public, nil
}
