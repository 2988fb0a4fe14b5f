namespace Orleans.Concurrency;

/// <summary>The method may start while any other request of the grain is waiting for something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
