# Clerkwork: what people type. The build itself is Meson's (meson.build); this file only knows the way there.
#
#   make            build the server: build/src/cli/clerkwork
#   make demo       install what is missing, build, run the main job from end to end   (PORT=8080, CI=true ends after it)
#   make test       install what the tests need, build, run every test
#   make bench      figures, as ratios taken in one run
#   make bench-peers   durable steps, jobs and messages against Restate, DBOS, graphile-worker, pg-boss and n8n, which it installs into the build
#   make fuzz       every parser, FUZZ_SECONDS each (600)
#   make soak       two million simulated crashes (CRASHES), then kill -9 and restart, 1,000 times under load (KILLS)
#   make format     clang-format over all sources        make lint       format and clang-tidy, without changing anything
#   make install    to PREFIX (/usr/local), under DESTDIR

BUILD        ?= build
PORT         ?= 8080
PREFIX       ?= /usr/local
FUZZ_SECONDS ?= 600
export PORT FUZZ_SECONDS

.PHONY: all demo test bench bench-peers fuzz soak format lint install clean

all:
	@scripts/packages.sh build
	@scripts/build.sh $(BUILD) --buildtype=release
	@echo "built: $(BUILD)/src/cli/clerkwork"

demo: all
	@scripts/packages.sh demo
	@scripts/demo.sh $(BUILD)/src/cli/clerkwork

test:
	@scripts/packages.sh build test
	@scripts/test.sh

bench: all
	@scripts/packages.sh bench
	@scripts/bench.sh $(BUILD)

bench-peers: all
	@scripts/packages.sh bench test
	@python3 bench/peers.py $(BUILD)/src/cli/clerkwork $(BUILD)/bench/load $(PEERS)

fuzz:
	@scripts/packages.sh build fuzz
	@scripts/fuzz.sh

soak:
	@scripts/packages.sh build test
	@$(MAKE) --no-print-directory all
	@scripts/soak.sh $(BUILD)

format:
	@scripts/packages.sh lint
	@git ls-files 'src/*.[ch]' 'src/*.cc' 'tests/*.[ch]' 'bench/*.[ch]' | xargs clang-format -i

lint:
	@scripts/packages.sh build lint
	@scripts/lint.sh

install: all
	@meson install -C $(BUILD) --no-rebuild --quiet

clean:
	rm -rf build build-*
