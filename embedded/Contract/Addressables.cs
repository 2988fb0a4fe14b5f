namespace Orleans;

/// <summary>Anything that can be called through a reference: a grain or an observer.</summary>
public interface IAddressable;

/// <summary>A grain.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain whose key is a string.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>
/// An object outside the grains that grains can call. The engine holds it weakly: its owner keeps it alive for as long as
/// it shall be reachable.
/// </summary>
public interface IGrainObserver : IAddressable;
