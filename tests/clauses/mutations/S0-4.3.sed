# policy widgets
# the data service gets phone numbers, too
/^  data-service:/,/^    clause:/ {
s/items: \[/items: [contact-phone, /
s/purposes: \[/purposes: [support, /
}
