package define

import (
	"strings"

	"kokoma/shared/lang"
)

// What XLSForm has and we don't take, by the reason in texts.yaml.
var (
	refusedTypes = map[string]string{
		"geopoint": "geo", "geotrace": "geo", "geoshape": "geo", "start-geopoint": "geo", "background-geopoint": "geo", "osm": "geo",
		"audio": "media", "background-audio": "media", "video": "media", "image": "media", "photo": "media",
		"file": "storage", "barcode": "device", "audit": "device", "xml-external": "external", "csv-external": "external",
		"select_one_from_file": "external", "select_multiple_from_file": "external", "rank_from_file": "external",
		"select_one_external": "external", "select_one_from_map": "geo", "entity": "external",
		"start": "device", "end": "device", "today": "device", "deviceid": "device", "phonenumber": "device", "simserial": "device",
		"subscriberid": "device", "username": "device", "email": "device", "uuid": "device", "start_time": "device",
	}
	refusedKeys = map[string]string{
		"image": "media", "big-image": "media", "audio": "media", "video": "media", "autoplay": "media", "media": "media",
		"trigger": "trigger", "save_to": "external", "accuracythreshold": "geo", "accuracyThreshold": "geo", "body": "xml",
		"bind": "xml", "instance": "xml", "randomize": "randomize", "seed": "randomize", "public_key": "encryption", "submission_url": "server",
		"intent": "device", "sms_field": "device", "sms_option": "device", "query": "external", "value": "external",
	}
)

// RefusedType says why we don't take a type of XLSForm.
func RefusedType(name string) (why lang.Text, refused bool) { return reason(refusedTypes, name) }

// Refused says why we don't take a column or setting of XLSForm; a language or
// sub-column behind :: does not matter.
func Refused(column string) (why lang.Text, refused bool) {
	base, _, _ := strings.Cut(column, "::")
	return reason(refusedKeys, base)
}

func reason(of map[string]string, name string) (lang.Text, bool) {
	key, ok := of[name]
	if !ok {
		return lang.Text{}, false
	}
	return Say("define.why." + key), true
}
