# Plain `make` lists the targets. PYTHON=python3.12 chooses the interpreter of a new environment.

PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
# every program here starts three times as fast when it may keep what Python compiled; git does not see those folders
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup dev run test check lint fmt types bench soak bench-large lock migration notices hooks clean

help: ## 列出全部命令（就是本页）
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo '  常用设置：PORT=8080（端口）  GONGKAI_DATA=文件夹（数据库、文件、日志；默认 instance/）'

setup: ## 只安装：Python 环境、依赖、前端打包，不启动
	@$(PYTHON) -m scripts.setup

dev: ## 安装开发和测试所需的全部依赖
	@$(PYTHON) -m scripts.setup --dev

run: ## 安装并启动系统，按 Ctrl-C 停止
	@exec $(PYTHON) -m scripts.run

test: ## 装齐测试所需，跑全部检查和测试（两核约 9 分钟）；ARGS=… 传给 pytest
	@$(PYTHON) -m scripts.test $(ARGS)

check: dev ## 只跑快的测试（不开浏览器）
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not browser" $(ARGS)

lint: dev ## 代码检查：ruff、mypy、房间之间的引用规则
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fmt: dev ## 自动整理代码格式
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: dev ## 测速，打印 JSON（不到 15 分钟）
	@$(BIN)/python -m bench

soak: dev ## 竞争与随机操作：每种同时操作各 2000 轮，随机办理 200 轮，随机走流程、改记录各数百次，每页慢半秒的浏览器测试（约半小时）
	@RACES=2000 MACHINE=200 WALKS=200 ATTACKS=400 $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/cases/test_races.py tests/cases/test_machine.py \
		tests/engine/test_walks.py tests/engine/test_shipped_walks.py tests/audit/test_attacks.py $(ARGS)
	@SLOW_PAGES=0.5 $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m browser

bench-large: dev ## 测速：一百万件在办待办
	@$(BIN)/python -m bench --large

lock: dev ## 重新锁定 Python 依赖的版本和哈希
	@$(PYTHON) -m scripts.lock

migration: dev ## 按模型变化生成数据库迁移：make migration m="说明"
	@test -n "$(m)" || { echo '请写明说明，例如：make migration m="add letters"'; exit 1; }
	@$(PYTHON) -m scripts.migration "$(m)"

notices: dev ## 重新生成第三方许可清单 THIRD-PARTY-NOTICES.md
	@$(BIN)/python -m scripts.notices

hooks: dev ## 提交前自动检查（pre-commit）
	@$(BIN)/pre-commit install

clean: ## 删除安装和打包的产物，保留数据（instance/）
	@rm -rf .venv .tools frontend/node_modules app/static/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './instance/*' -prune -exec rm -rf {} +
	@echo '✓ 已清理，数据未动。'
