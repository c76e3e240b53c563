/* kinds.h - every kind of item there is, one row each. The policy's checks, the names, the
 * validators and the masks are all made of this table; a new kind is one row and two functions.
 *
 * X(constant, name in a policy, most bytes as people type it, flags, normal, mask, looks):
 * normal and mask name the functions kept_normal_... and kept_mask_... of the vault; looks ends the
 * sentence `a value should be ...`. */
#ifndef KEPT_POLICY_KINDS_H
#define KEPT_POLICY_KINDS_H

enum kept_kind_flag {
    /* May have look-up tokens: an identifier, or a name a person chose. What could be found by trying
     * every value (dates, places, numbers, addresses on a network) or names nobody has none. */
    KEPT_KIND_FOUND = 1u << 0,
    /* Stored byte for byte: not trimmed. */
    KEPT_KIND_AS_IS = 1u << 1,
    /* The first bytes decide whether a value fits, so it need not be held whole. */
    KEPT_KIND_STREAM = 1u << 2,
    /* Masked even when it does not fit: a card typed wrong is a card. */
    KEPT_KIND_LOOSE = 1u << 3,
};

#define KEPT_KIND_WHOLE (16u << 20) /* KEPT_MAX_VALUE_BYTES */

#define KEPT_ITEM_KINDS(X)                                                                         \
    X(TEXT, "text", KEPT_KIND_WHOLE, KEPT_KIND_FOUND | KEPT_KIND_AS_IS, text, hidden,              \
      "text in UTF-8")                                                                             \
    X(NAME, "name", 1024, 0, name, name,                                                           \
      "a person's name: up to 128 characters, no control characters")                              \
    X(PHONE, "phone", 64, KEPT_KIND_FOUND, phone, phone,                                           \
      "a mainland mobile number: 11 digits from 13 to 19, +86 allowed")                            \
    X(LANDLINE, "landline", 64, 0, landline, landline,                                             \
      "a mainland landline number with its area code: 010-12345678")                               \
    X(MAIL, "mail", 254, KEPT_KIND_FOUND, mail, mail, "a mail address: local part, @, domain")     \
    X(ADDRESS, "address", 2048, 0, address, address, "a postal address: up to 256 characters")     \
    X(ID_CARD, "id-card", 64, KEPT_KIND_FOUND, id_card, id_card,                                   \
      "a resident identity number: 18 characters with region, day of birth and check character")   \
    X(BANK_CARD, "bank-card", 64, KEPT_KIND_FOUND | KEPT_KIND_LOOSE, bank_card, bank_card,         \
      "a bank card number: 12 to 19 digits, the last a check digit")                               \
    X(PLATE, "plate", 64, 0, plate, plate,                                                         \
      "a number plate: province, letter, 5 letters or digits, or 6 of new energy")                 \
    X(NUMBER, "number", 64, 0, number, hidden, "a decimal number of up to 30 digits")              \
    X(CHOICE, "choice", 64, 0, choice, hidden, "one of the choices that the policy lists")         \
    X(DATE, "date", 64, 0, date, date, "a date that exists: YYYY-MM-DD")                           \
    X(COORDINATES, "coordinates", 64, 0, coordinates, coordinates,                                 \
      "latitude,longitude in degrees: 39.9042,116.4074")                                           \
    X(IMEI, "imei", 64, KEPT_KIND_FOUND, imei, imei, "an IMEI: 15 digits, the last a check digit") \
    X(MAC, "mac", 64, KEPT_KIND_FOUND, mac, mac, "a MAC address of a device: six pairs of hex digits") \
    X(IPV4, "ipv4", 64, 0, ipv4, ipv4, "an IPv4 address: four numbers from 0 to 255")              \
    X(IPV6, "ipv6", 64, 0, ipv6, ipv6, "an IPv6 address without a zone: 2001:db8::1")              \
    X(DEVICE_ID, "device-id", 128, KEPT_KIND_FOUND, device_id, device_id,                          \
      "a device identifier: 8 to 128 of A-Z a-z 0-9 . _ : - with a digit other than 0")            \
    X(URL, "url", 2048, 0, url, url, "an address on the web: http or https, no user, no password") \
    X(PHOTO, "photo", KEPT_KIND_WHOLE, KEPT_KIND_AS_IS | KEPT_KIND_STREAM, photo, hidden,          \
      "a photo: JPEG, PNG, GIF or WebP")                                                           \
    X(BLOB, "blob", KEPT_KIND_WHOLE, KEPT_KIND_AS_IS | KEPT_KIND_STREAM, blob, hidden, "bytes")

/* The 39 common types of app (Provisions on necessary personal information, Art. 5), in their order, and
 * what a basic function of each may demand: X(name in a policy, NOTHING, A_PHONE number or ITS_OWN list). */
#define KEPT_APP_TYPES(X)                                                                          \
    X("map", ITS_OWN) X("ride-hailing", ITS_OWN) X("messaging", ITS_OWN) X("community", A_PHONE)    \
    X("payment", ITS_OWN) X("shopping", ITS_OWN) X("food-delivery", ITS_OWN)                        \
    X("parcels", ITS_OWN) X("transport-tickets", ITS_OWN) X("dating", ITS_OWN)                      \
    X("jobs", ITS_OWN) X("lending", ITS_OWN) X("housing", ITS_OWN) X("used-cars", ITS_OWN)          \
    X("medical", ITS_OWN) X("travel", ITS_OWN) X("hotel", ITS_OWN) X("game", A_PHONE)               \
    X("education", A_PHONE) X("local-life", A_PHONE) X("womens-health", NOTHING)                    \
    X("vehicle", ITS_OWN) X("investment", ITS_OWN) X("banking", ITS_OWN) X("mail", A_PHONE)         \
    X("meeting", A_PHONE) X("live-stream", NOTHING) X("audio-video", NOTHING)                       \
    X("short-video", NOTHING) X("news", NOTHING) X("sport", NOTHING) X("browser", NOTHING)          \
    X("input-method", NOTHING) X("security", NOTHING) X("e-book", NOTHING) X("photo", NOTHING)      \
    X("app-store", NOTHING) X("utility", NOTHING) X("event-tickets", ITS_OWN)                       \
    X("other", ITS_OWN)

#endif
