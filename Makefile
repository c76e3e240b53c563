# kept - one makefile, no recursion. `make help` lists what there is to make.
#   VARIANT=release|debug|asan|tsan|cov|fuzz   CC=gcc|clang   WERROR=1
ifneq (,$(filter fuzz,$(MAKECMDGOALS)))
VARIANT := fuzz
CC      := clang
endif
VARIANT ?= release
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
B       := build/$(VARIANT)$(if $(filter clang%,$(CC)),-clang)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := $(shell sed -n 's/^\#define KEPT_VERSION "\(.*\)"/\1/p' include/kept.h)
SONAME  := libkept.so.0
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)
comma    := ,
say      = @printf '  %-5s %s\n' $(1) $(2)

PKGS    := libsodium libcrypto sqlite3 yaml-0.1 jansson
PKGCF   := $(shell pkg-config --cflags $(PKGS))
LIBS    := $(shell pkg-config --libs $(PKGS)) -pthread

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wformat=2 -Wundef -Wvla \
  -Walloca -Wcast-qual -Wpointer-arith -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes \
  -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
ifneq (,$(filter clang%,$(CC)))
WARN += -Wcomma -Wconditional-uninitialized -Wmissing-variable-declarations \
  -Wunreachable-code-aggressive
HARD :=
else
WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Warith-conversion \
  -Wformat-signedness -Wcast-align=strict -Wbidi-chars=any
HARD := -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
endif
BASEF := -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -include base/banned.h -MMD -MP -fPIC \
  -fvisibility=hidden -fno-common -fno-strict-overflow -fno-delete-null-pointer-checks -pthread
BASEF += $(if $(WERROR),-Werror)
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
  -fcf-protection=full
LINKF := -Wl,-z,relro,-z,now,-z,noexecstack
# What is shipped and measured is optimised across files; the archive's objects hold plain code too, so
# that tests, and others, link without it.
LTO := $(if $(filter clang%,$(CC)),,-flto=auto -ffat-lto-objects)
PLAIN := $(if $(filter clang%,$(CC)),,-fno-use-linker-plugin)
# What the shared library shows; all of it must be there, but for clang's sanitizers: it leaves their
# runtime to the program that loads the library.
SHARED := -shared -Wl,-soname,$(SONAME) -Wl,--version-script,src/kept.map \
  $(if $(and $(filter clang%,$(CC)),$(filter asan tsan,$(VARIANT))),,-Wl,--no-undefined)

comma := ,
# gcc 12 zeroes a structure of 100 bytes by `rep stos`, which takes as long to begin as a tenth of a decision.
CLEAR := $(if $(filter clang%,$(CC)),,$(if $(filter x86_64,$(shell uname -m)),-mmemset-strategy=unrolled_loop:256:noalign$(comma)libcall:-1:noalign))

ifeq ($(VARIANT),release)
MODE = -O2 -g $(HARDEN) $(HARD) $(LTO) $(CLEAR)
else ifeq ($(VARIANT),debug)
MODE := -O0 -g3
else ifeq ($(VARIANT),asan)
MODE  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LINKF += -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
MODE  := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LINKF += -fsanitize=thread
else ifeq ($(VARIANT),cov)
MODE  := -O0 -g --coverage -DKEPT_SAMPLE # what asks everything asks some of it
LINKF += --coverage
else ifeq ($(VARIANT),fuzz)
MODE  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
  -fno-sanitize-recover=all
LINKF += -fsanitize=address,undefined
else
$(error unknown VARIANT $(VARIANT): release, debug, asan, tsan, cov or fuzz)
endif
# Overflow of signed numbers is defined in what ships, and a finding of the sanitizer.
ifneq (,$(filter asan fuzz,$(VARIANT)))
BASEF := $(filter-out -fno-strict-overflow,$(BASEF))
endif
CFLAGS_ALL = $(BASEF) $(WARN) $(MODE) $(PKGCF) $(CFLAGS)

ROOMS   := base crypto store page policy keys ledger subject consent vault account scan logs caller engine transfer wire server
LIB_SRC := $(sort $(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c)))
CLI_SRC := $(sort $(wildcard src/cli/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(B)/templates/templates.o
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)
# The worker that speaks HTTP, and what sends messages, are the command's alone: the library has no network.
HTTP_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard src/http/*.c src/me/*.c src/post/*.c)))
HTTP_LIBS := -lh2o-evloop -lssl -lcurl
# Tests see the rooms' headers and link the same objects; every tests/*/test_*.c is one program.
TEST_SRC := $(sort $(wildcard tests/*/test_*.c))
TEST_AID := $(sort $(wildcard tests/aid/*.c))
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
# The peers are measured where their libraries are (docs/performance.md).
PQ := $(shell pkg-config --exists libpq && echo yes)
PQCF := $(if $(PQ),$(shell pkg-config --cflags libpq))
PQLIB := $(if $(PQ),$(shell pkg-config --libs libpq))
BENCH_SRC := $(filter-out $(if $(PQ),,bench/postgres.c),$(sort $(wildcard bench/*.c)))
# A fuzz target each: tests/fuzz/targets.def. The command's files but main are there for one of them; in
# an archive, of which the linker takes the plain code, as of the library's.
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c)) tests/fuzz/fuzz.c
FUZZ_OBJ := $(FUZZ_SRC:%.c=$(B)/%.o)
FUZZ_CLI := $(B)/fuzz/libcli.a
FUZZ_BIN := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz/%,$(filter-out %/fuzz.c,$(FUZZ_SRC)))
BENCH_BIN := $(BENCH_SRC:%.c=$(B)/%)
BENCH_TRIED := $(BENCH_SRC:bench/%.c=$(B)/bench-tried/%) # to see that they work: linked in a second, not in half a minute

.PHONY: all help lib man completion test tests soak bench bench-tried fuzz install uninstall dist clean
all: $(B)/kept lib man completion
help:
	@printf '%s\n' 'make                the command and the libraries, in build/release' \
	  'make man            the manual' 'make tests          build the test programs' 'make test           build and run them' \
	  'make soak           a day of a million people (PEOPLE=200000: of fewer), an hour or two' \
	  'make bench          build the benchmarks' \
	  'make fuzz           build the fuzz targets with clang, in build/fuzz-clang' \
  'make install        PREFIX=/usr/local DESTDIR=; uninstall takes away what it put there' \
  'make dist           build/kept-$(VERSION).tar.gz, of what is committed' \
	  'make clean          remove build/' 'VARIANT=debug|asan|tsan|cov|fuzz CC=clang WERROR=1 change how'
lib: $(B)/libkept.a $(B)/$(SONAME)
tests: $(TEST_BIN)
bench: $(BENCH_BIN)
bench-tried: $(BENCH_TRIED)
fuzz: $(FUZZ_BIN) $(B)/tests/fuzz/test_corpus

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@
# The profiles are compiled in: the pure room needs no file.
$(B)/src/policy/profile.o: build/gen/policy/profiles.inc
$(B)/src/policy/profile.o: BASEF += -Ibuild/gen
build/gen/policy/profiles.inc: $(wildcard profiles/*.yaml)
	@mkdir -p $(@D)
	$(Q)for f in $^; do n=$${f##*/}; printf 'static const unsigned char profile_%s[] = {\n' "$${n%.yaml}"; \
	  od -An -v -tu1 "$$f" | sed 's/ *\([0-9][0-9]*\)/\1,/g'; echo '};'; done > $@.$$$$ && mv $@.$$$$ $@
# So is what `kept policy new` writes policies of.
$(B)/src/policy/sketch.o: build/gen/policy/sketch_stock.inc
$(B)/src/policy/sketch.o: BASEF += -Ibuild/gen
build/gen/policy/sketch_stock.inc: templates/new.yaml
	@mkdir -p $(@D)
	$(Q){ echo 'static const unsigned char sketch_stock[] = {'; od -An -v -tu1 $< | \
	  sed 's/ *\([0-9][0-9]*\)/\1,/g'; echo '};'; } > $@.$$$$ && mv $@.$$$$ $@
ifeq ($(VARIANT),cov)
$(B)/src/server/nursery.o: BASEF += -include tools/coverage.h
endif
# And the sentences of a person's own page: the authority of what they say is templates/me, the first language first.
$(B)/src/me/me.o: build/gen/me/words.inc
$(B)/src/me/me.o: BASEF += -Ibuild/gen/me
build/gen/me/words.inc: $(sort $(wildcard templates/me/*.txt))
	@mkdir -p $(@D)
	$(Q){ for f in $^; do n=$${f##*/}; printf 'static const unsigned char text_%s[] = {\n' "$${n%.txt}"; \
	  od -An -v -tu1 "$$f" | sed 's/ *\([0-9][0-9]*\)/\1,/g'; echo '};'; done; \
	  echo 'static const struct { const char *language, *file; const unsigned char *text; size_t n; } files[] = {'; \
	  for f in $^; do n=$${f##*/}; n=$${n%.txt}; echo "    {\"$$n\", \"$$f\", text_$$n, sizeof text_$$n},"; done; echo '};'; } > $@.$$$$ && mv $@.$$$$ $@
$(B)/libkept.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/$(SONAME): $(LIB_OBJ) src/kept.map
	$(call say,LD,$@)
	$(Q)$(CC) $(SHARED) $(MODE) $(LINKF) -o $@ $(LIB_OBJ) $(LIBS)
# The sentences of notices, one file a language, as bytes of the library.
TEMPLATES := $(sort $(wildcard templates/*.txt))
$(B)/templates/templates.c: tools/templates $(TEMPLATES)
	@mkdir -p $(@D)
	$(Q)tools/templates $(TEMPLATES) > $@
$(B)/templates/templates.o: $(B)/templates/templates.c
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@
# The manual, from the tables of the command, the comments of kept.h, and the page on policies.
man: $(B)/man/kept.1
$(B)/tools/tables: tools/tables.c $(wildcard src/cli/*.def) src/cli/cli.h $(wildcard include/*.h) src/base/error.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASEF:-M%=) $(PKGCF) -o $@ tools/tables.c src/base/error.c
$(B)/man/kept.1: tools/man $(B)/tools/tables include/kept.h docs/policy-language.md
	$(call say,MAN,$(@D))
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$(B)/tools/tables > $(@D).txt
	$(Q)tools/man $(@D).txt include/kept.h docs/policy-language.md $(VERSION) $(@D)
# Completion for the shells, from the same tables.
completion: $(B)/completion/kept $(B)/completion/_kept
$(B)/completion/kept: tools/completion.bash $(B)/tools/tables
	@mkdir -p $(@D)
	$(Q){ echo '# bash completion of kept, made from its tables.'; $(B)/tools/tables --shell; cat $<; } > $@
$(B)/completion/_kept: tools/completion.zsh $(B)/tools/tables
	@mkdir -p $(@D)
	$(Q){ printf '%s\n' '#compdef kept' '# zsh completion of kept, made from its tables.'; \
	  $(B)/tools/tables --shell; cat $<; } > $@
# The archive for others: one object of plain code, whose inner names do not meet theirs.
$(B)/install/libkept.a: $(LIB_OBJ)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -r -nostdlib $(PLAIN) -o $(@D)/kept.o $^
	$(Q)objcopy -w -R '.gnu.*lto_*' -R '.gnu.debuglto_*' --localize-hidden $(@D)/kept.o
	$(Q)rm -f $@ && ar rcs $@ $(@D)/kept.o
$(B)/kept: $(CLI_OBJ) $(HTTP_OBJ) $(LIB_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -pie $(MODE) $(LINKF) -o $@ $^ $(HTTP_LIBS) $(LIBS)
$(B)/tests/%.o: LTO =
# The hardened headers define some of the calls in line that this file stands in front of.
$(B)/tests/aid/disk_calls.o: HARDEN = -U_FORTIFY_SOURCE
$(B)/tests/%: $(B)/tests/%.o $(TEST_AID:%.c=$(B)/%.o) $(B)/libkept.a
	$(call say,LD,$@)
	$(Q)$(CC) -rdynamic $(PLAIN) $(LINKF) -o $@ $(filter %.o,$^) -Wl,--whole-archive $(B)/libkept.a \
	  -Wl,--no-whole-archive $(TEST_LINK) $(LIBS) -lcmocka
# The crash tests are told what each of kept's syncs is for (tests/aid/disk.h).
TOLD := kept_file_sync kept_dir_sync kept_dir_make kept_file_replace kept_file_destroy
$(B)/tests/crash/%: TEST_LINK = $(TOLD:%=-Wl,--wrap=%)
# Running out of memory is a matter of kept's doors to it (tests/aid/scarce.h).
SCARCE := $(patsubst %,-Wl$(comma)--wrap=%,calloc realloc kept_secret_new)
$(B)/tests/engine/test_memory $(B)/tests/engine/test_failures: TEST_LINK = $(SCARCE)
$(B)/tests/policy/test_render_memory $(B)/tests/keys/test_failures $(B)/tests/ledger/test_failures: TEST_LINK = $(SCARCE)
$(B)/tests/policy/test_memory: TEST_LINK = $(SCARCE) -Wl,--wrap=yaml_parser_initialize,--wrap=yaml_parser_parse
$(B)/tests/transfer/test_full $(B)/tests/wire/test_odd: TEST_LINK = $(SCARCE)
$(B)/tests/store/test_conformance_tx: TEST_LINK = -Wl,--wrap=calloc
$(B)/tests/base/test_mem: TEST_LINK = -Wl,--wrap=free
$(B)/tests/bench/%: TEST_LINK = -lm
# In an archive, of which the linker takes the plain code.
HTTP_LIB := $(B)/libhttp.a
$(HTTP_LIB): $(HTTP_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^
$(filter $(B)/tests/http/%,$(TEST_BIN)): $(HTTP_LIB)
$(B)/tests/http/%: TEST_LINK = $(HTTP_LIB) $(HTTP_LIBS)
$(B)/bench/postgres.o: PKGCF += $(PQCF)
$(B)/bench/gdprbench.o: PKGCF += $(if $(PQ),$(PQCF) -DWITH_POSTGRES)
$(B)/bench/postgres $(B)/bench-tried/postgres: LIBS += $(PQLIB)
$(B)/bench/http $(B)/bench-tried/http: $(HTTP_LIB)
$(B)/bench/http $(B)/bench-tried/http: LIBS := $(HTTP_LIB) $(HTTP_LIBS) $(LIBS)
$(B)/bench/gdprbench $(B)/bench-tried/gdprbench: LIBS += $(PQLIB) -lm
$(B)/tests/fuzz/test_corpus: $(FUZZ_OBJ) $(FUZZ_CLI)
$(B)/tests/fuzz/test_corpus: TEST_LINK = $(FUZZ_CLI) $(HTTP_LIBS)
$(FUZZ_CLI): $(filter-out %/main.o,$(CLI_OBJ)) $(HTTP_OBJ)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/fuzz/%.o: tests/fuzz/door.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -DTARGET=$* -c $< -o $@
$(B)/fuzz/%: $(B)/fuzz/%.o $(FUZZ_OBJ) $(FUZZ_CLI) $(B)/libkept.a
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=fuzzer $(LINKF) -o $@ $^ $(HTTP_LIBS) $(LIBS)
$(B)/bench/%: $(B)/bench/%.o $(LIB_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(MODE) $(LINKF) -o $@ $^ $(LIBS)
$(B)/bench-tried/%: $(B)/bench/%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -fno-lto $(PLAIN) $(LINKF) -o $@ $^ $(LIBS)

test: tests $(B)/kept
	$(Q)tools/run-tests $(B)

soak: $(B)/tests/soak/test_soak
	$(Q)$< $(if $(PEOPLE),--people $(PEOPLE),--long)

TO := $(DESTDIR)$(PREFIX)
MAN := $(TO)/share/man
BASH := $(TO)/share/bash-completion/completions
ZSH := $(TO)/share/zsh/site-functions
install: all $(B)/install/libkept.a
	install -d $(TO)/bin $(TO)/lib/pkgconfig $(TO)/include $(TO)/share/kept/policies $(TO)/share/kept/templates $(TO)/share/kept/profiles \
	  $(MAN)/man1 $(MAN)/man3 $(MAN)/man5 $(BASH) $(ZSH)
	install -m 755 $(B)/kept $(TO)/bin/
	install -m 644 include/kept.h include/kept_names.h $(TO)/include/
	install -m 644 $(B)/install/libkept.a $(TO)/lib/
	install -m 755 $(B)/$(SONAME) $(TO)/lib/libkept.so.$(VERSION)
	ln -sf libkept.so.$(VERSION) $(TO)/lib/$(SONAME)
	ln -sf $(SONAME) $(TO)/lib/libkept.so
	install -m 644 policies/*.yaml $(TO)/share/kept/policies/
	install -m 644 profiles/*.yaml $(TO)/share/kept/profiles/
	install -m 644 templates/*.txt templates/new.yaml $(TO)/share/kept/templates/
	for n in 1 3 5; do cp -P $(B)/man/*.$$n $(MAN)/man$$n/ || exit 1; done
	install -m 644 $(B)/completion/kept $(BASH)/
	install -m 644 $(B)/completion/_kept $(ZSH)/
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: kept' 'Description: personal-data engine' \
	  'Version: $(VERSION)' 'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lkept' \
	  'Libs.private: -pthread' 'Requires.private: $(PKGS)' > $(TO)/lib/pkgconfig/kept.pc
uninstall:
	rm -f $(TO)/bin/kept $(TO)/include/kept.h $(TO)/include/kept_names.h $(TO)/lib/libkept.a $(TO)/lib/libkept.so \
	  $(TO)/lib/$(SONAME) $(TO)/lib/libkept.so.$(VERSION) $(TO)/lib/pkgconfig/kept.pc \
	  $(MAN)/man1/kept.1 $(MAN)/man3/kept_*.3 $(MAN)/man3/libkept.3 $(MAN)/man5/kept-policy.5 \
	  $(BASH)/kept $(ZSH)/_kept
	rm -rf $(TO)/share/kept
dist:
	@mkdir -p build
	git archive --format=tar.gz --prefix=kept-$(VERSION)/ -o build/kept-$(VERSION).tar.gz HEAD
clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(HTTP_OBJ:.o=.d) $(TEST_BIN:=.d) $(BENCH_BIN:=.d) $(TEST_AID:%.c=$(B)/%.d) $(FUZZ_OBJ:.o=.d)
