# SPDX-License-Identifier: Apache-2.0
# make          build/podtide            make asan|tsan   the tests under sanitizers
# make test     every suite, summed up   make install     PREFIX=/usr/local DESTDIR=
# make demo     fetch what is missing, build, run the first scenario
# BUILD=dir builds elsewhere, V=1 shows the commands; SRC= and TEST= narrow what is compiled: make unit TEST=tests/unit/base/test_str.c
BUILD  ?= build
PREFIX ?= /usr/local
PKGS   := yaml-0.1 sqlite3 yajl zlib
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
          -Wmissing-prototypes -Wvla $(if $(filter true,$(CI)),-Werror)
CPP    := -Iinclude -D_POSIX_C_SOURCE=200809L $(shell pkg-config --cflags $(PKGS)) $(CPPFLAGS)
FLAGS  := -std=c11 -O2 -g -ffp-contract=off -pthread $(WARN) $(SAN) $(CFLAGS)
LIBS   := $(shell pkg-config --libs $(PKGS)) -lm $(LDLIBS)
say     = $(if $(V),,@echo '  $(1)  $@';)
LINK    = $(call say,LD)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

SRC   := $(sort $(wildcard src/*/*.c src/*/*/*.c))
HDR   := $(sort $(wildcard include/*/*.h include/*/*/*.h))
TEST  := $(sort $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c tests/property/*.c tests/theory/*.c))
FUZZ  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH := $(sort $(wildcard tests/bench/*.c))
RUNS  := $(sort $(wildcard tests/conformance/*.c))
OBJ   := $(SRC:%.c=$(BUILD)/%.o)
LIB   := $(filter-out $(BUILD)/src/cli/main.o,$(OBJ))
ALL   := $(SRC) $(HDR) $(sort $(wildcard tests/*/*.[ch] tests/*/*/*.[ch] tests/*/*/*/*.[ch]))
FUZZ_BIN  := $(FUZZ:tests/fuzz/fuzz_%.c=$(BUILD)/fuzz/%)
TOOL_BIN  := $(BENCH:tests/%.c=$(BUILD)/%) $(RUNS:tests/%.c=$(BUILD)/%)
FUZZ_SECONDS ?= 20
SUITES ?= unit fuzz cli golden conformance
CLANG ?= $(firstword $(foreach n,clang $(foreach v,22 21 20 19 18 17 16 15 14,clang-$v),$(shell command -v $n)))
FORMAT ?= $(firstword $(foreach n,clang-format-14 clang-format,$(shell command -v $n)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all test unit asan tsan fuzz fuzz-replay fuzz-run bench headers deps format format-fix golden install \
        demo conformance clean FORCE

all: $(BUILD)/podtide

$(BUILD)/podtide: $(OBJ) $(BUILD)/sources
	$(LINK)
$(BUILD)/unit: $(TEST:%.c=$(BUILD)/%.o) $(LIB) $(BUILD)/sources
	$(LINK) -lcriterion
$(BUILD)/sources: FORCE # changes when a file comes or goes, so that what is gone is unlinked too
	@mkdir -p $(@D); echo '$(SRC) $(TEST)' | cmp -s - $@ || echo '$(SRC) $(TEST)' > $@
$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/main.o $(LIB)
	@mkdir -p $(@D)
	$(LINK)
$(TOOL_BIN): $(BUILD)/%: $(BUILD)/tests/%.o $(LIB)
	@mkdir -p $(@D)
	$(LINK)
$(BUILD)/ready: # one word on what is missing instead of a page of errors
	@pkg-config --print-errors --exists $(PKGS) || { echo 'make demo installs what is missing, or names it' >&2; exit 1; }
	@mkdir -p $(@D); touch $@
$(BUILD)/%.o: %.c | $(BUILD)/ready
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPP) $(FLAGS) -MMD -MP -c -o $@ $<
-include $(patsubst %.c,$(BUILD)/%.d,$(SRC) $(TEST) $(FUZZ) $(BENCH) $(RUNS) tests/fuzz/main.c)

test:
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/run-suites.sh $(SUITES)
unit:
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/run-suites.sh unit
fuzz-replay:
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/run-suites.sh fuzz
asan:
	$(MAKE) test BUILD=build/asan SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'
tsan: # without unit: Criterion cannot map its arena beside ThreadSanitizer's shadow
	TSAN_OPTIONS=halt_on_error=1 $(MAKE) test SUITES='$(filter-out unit,$(SUITES))' BUILD=build/tsan SAN=-fsanitize=thread

# libFuzzer where clang is, else the corpus once more.
fuzz:
	@if [ -z '$(CLANG)' ]; then $(MAKE) fuzz-replay; else $(MAKE) fuzz-run BUILD=build/fuzz CC=$(CLANG) \
	  SAN='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all'; fi
fuzz-run: $(FUZZ:tests/fuzz/%.c=$(BUILD)/tests/fuzz/%.o) $(LIB)
	@for f in $(FUZZ:tests/fuzz/fuzz_%.c=%); do \
	  mkdir -p $(BUILD)/corpus/$$f tests/fuzz/corpus/$$f; echo "== fuzz $$f"; \
	  $(CC) $(FLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $(BUILD)/fuzz_$$f $(BUILD)/tests/fuzz/fuzz_$$f.o $(LIB) \
	    $(LIBS) && $(BUILD)/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/ $(BUILD)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; done

bench: $(BENCH:tests/%.c=$(BUILD)/%)
	@uname -srm; grep -m1 'model name' /proc/cpuinfo || true; $(CC) --version | head -n 1
	@for b in $^; do echo "== $${b##*/}"; $$b || exit 1; done

headers: $(HDR)
	@for h in $^; do $(CC) $(CPP) -std=c11 $(WARN) -x c -fsyntax-only -include $$h /dev/null || exit 1; done
	@echo "$(words $^) headers compile alone"
deps:
	@tests/tools/deps.sh $(SRC) $(HDR)
format:
	$(FORMAT) --dry-run --Werror $(ALL)
format-fix:
	$(FORMAT) -i $(ALL)
golden: $(BUILD)/podtide
	BUILD='$(BUILD)' tests/golden/run --update
conformance:
	@if [ -x tests/conformance/run-go ]; then tests/conformance/run-go; else echo 'tests/conformance/run-go is absent'; fi
demo:
	@MAKE='$(MAKE)' BUILD='$(BUILD)' tests/tools/demo.sh

install: $(BUILD)/podtide
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1 share/podtide/plots share/zsh/site-functions \
	  share/bash-completion/completions share/fish/vendor_completions.d)
	install -m 755 $< $(DESTDIR)$(PREFIX)/bin/podtide
	$< help --man > $(DESTDIR)$(PREFIX)/share/man/man1/podtide.1
	$< completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/podtide
	$< completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_podtide
	$< completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/podtide.fish
	$(if $(wildcard plots/*.gp),install -m 644 $(wildcard plots/*.gp) $(DESTDIR)$(PREFIX)/share/podtide/plots)
clean:
	rm -rf $(BUILD)
