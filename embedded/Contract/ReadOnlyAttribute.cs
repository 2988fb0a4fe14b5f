namespace Orleans.Concurrency;

/// <summary>The method changes nothing: it may interleave with other methods that change nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
