# code src/engine/report.c
# the export does not list what lies on the device
/^static json_t \*device_json/,/^}/ s/KEPT_PLACE_DEVICE/KEPT_PLACE_TRANSIENT/
