"""What opens over the editor to choose something."""

from collections.abc import Mapping

from admin_views.orders.editor.drawer import Drawer
from admin_views.orders.editor.incentives import INCENTIVES

DRAWERS: Mapping[str, Drawer] = {"incentives": INCENTIVES}
"""Drawers by name: `open:<name>` is the button that opens one."""
