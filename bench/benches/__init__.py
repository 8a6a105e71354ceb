# SPDX-License-Identifier: BSD-2-Clause
"""What bench/run measures: table.py lists it."""
