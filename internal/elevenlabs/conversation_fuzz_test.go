package elevenlabs

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzDecodeConversation(f *testing.F) {
	f.Add(fullConversation(f))
	f.Add(minimal(`"analysis":"x","user_id":"\u0000\\u0000"`))
	f.Add([]byte(`{"conversation_id":"\ud800","transcript":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		c, err := DecodeConversation(data)
		require.Equal(t, before, string(data), "the input is not changed: a webhook still has to store it")
		if err != nil {
			require.Nil(t, c)
			return
		}
		require.NotEmpty(t, c.ConversationID)
		encoded, err := json.Marshal(c)
		require.NoError(t, err)
		require.True(t, utf8.Valid(encoded))
		require.NotContains(t, strings.ReplaceAll(string(encoded), `\\`, ""), `\u0000`)
		again, err := DecodeConversation(encoded)
		require.NoError(t, err)
		require.Equal(t, c.ConversationID, again.ConversationID)
		require.Len(t, again.Transcript, len(c.Transcript))
	})
}

func BenchmarkDecodeConversation(b *testing.B) {
	data := fullConversation(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := DecodeConversation(data); err != nil {
			b.Fatal(err)
		}
	}
}
