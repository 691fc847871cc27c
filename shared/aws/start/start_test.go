package start

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestLinkKeys(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	keys, current, err := linkKeys("1:" + key + ", 3:" + key)
	if err != nil || current != 3 || len(keys) != 2 {
		t.Errorf("two keys: %d, current %d, %v", len(keys), current, err)
	}
	for _, bad := range []string{"", "x", "0:" + key, "1:short", "1:" + base64.StdEncoding.EncodeToString(make([]byte, 16))} {
		if _, _, err := linkKeys(bad); err == nil {
			t.Errorf("%q was taken as link keys", bad)
		}
	}
}

func TestEnvironmentThatLacksTablesIsRefused(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	env := map[string]string{"KOKOMA_LINK_KEYS": "1:" + key, "KOKOMA_BASE_URL": "https://kokoma.example", "KOKOMA_OFFICE": "servicestelle@example.org"}
	if _, err := build(func(name string) string { return env[name] }, nil); err == nil || !strings.Contains(err.Error(), "KOKOMA_MAIN_TABLE") {
		t.Errorf("built without tables: %v", err)
	}
}
