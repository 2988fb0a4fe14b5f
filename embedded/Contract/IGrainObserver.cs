namespace Orleans;

/// <summary>
/// An object outside the grains that grains can call. The engine holds it weakly: its owner keeps it alive for as long as
/// it shall be reachable.
/// </summary>
public interface IGrainObserver : IAddressable;
