package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

func voicesCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("voices", "voices [--json]", "henk voices", out)
	asJSON := fs.Bool("json", false, "print one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	cfg, err := config.Load()
	if err != nil {
		return fmt.Errorf("the environment has settings that cannot be used:\n%w", err)
	}
	if cfg.ElevenLabsAPIKey == "" {
		return errors.New("ELEVENLABS_API_KEY is not set; set it to a key of the workspace whose voices you want to see")
	}
	client, err := elevenlabs.New(elevenlabs.Config{APIKey: cfg.ElevenLabsAPIKey, BaseURL: cfg.ElevenLabsBaseURL})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	voices, err := client.Voices(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		if voices == nil {
			voices = []elevenlabs.Voice{}
		}
		if err := json.NewEncoder(out.stdout).Encode(map[string]any{"voices": voices}); err != nil {
			return fmt.Errorf("printing the voices: %w", err)
		}
		return nil
	}
	return printVoices(out.stdout, voices)
}

func printVoices(to io.Writer, voices []elevenlabs.Voice) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VOICE ID\tNAME\tCATEGORY\tLABELS")
	for _, v := range voices {
		labels := make([]string, 0, len(v.Labels))
		for _, name := range slices.Sorted(maps.Keys(v.Labels)) {
			labels = append(labels, name+"="+v.Labels[name])
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", oneLine(v.VoiceID), oneLine(v.Name), oneLine(v.Category), oneLine(strings.Join(labels, ", ")))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the voices: %w", err)
	}
	return nil
}

// oneLine keeps a name that somebody gave a voice from breaking the table or steering the terminal.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if text = strings.TrimSpace(text); text == "" {
		return "-"
	}
	return text
}
