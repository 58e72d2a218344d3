"""Model providers behind the door of `services/llm.py`: what each speaks, costs, and how it fails."""
