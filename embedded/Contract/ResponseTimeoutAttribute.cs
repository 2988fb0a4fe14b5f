namespace Orleans;

/// <summary>How long a caller waits for an answer before it gets a <see cref="TimeoutException"/>; the callee goes on.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The time; null when the attribute's text is no time.</summary>
    public TimeSpan? Timeout { get; } = TimeSpan.TryParse(timeout, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}
