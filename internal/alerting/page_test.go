package alerting

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The page shows files for hosted Alertmanagers, and people paste them.
func TestPage_showsFilesThatAreRead(t *testing.T) {
	page, err := os.ReadFile("../../docs/alerting.md")
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile("(?ms)^```yaml client\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(files) < 2 {
		t.Fatalf("the page shows %d files", len(files))
	}
	for _, file := range files {
		name := filepath.Join(t.TempDir(), "client.yml")
		if err := os.WriteFile(name, []byte(file[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		var read alertmanagerFile
		if err := readClient("--alertmanager.config.file", name, &read); err != nil {
			t.Errorf("%v\n%s", err, file[1])
		}
	}
}
