"""The agents: `POST /api/v1/Agents/<Agent>/<Method>` (Agents WebAPI)."""
