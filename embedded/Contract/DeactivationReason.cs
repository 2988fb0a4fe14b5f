namespace Orleans;

/// <summary>Why an activation goes away.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, string text, Exception? exception = null)
{
    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; } = code;

    /// <summary>The reason in words.</summary>
    public string Description { get; } = text;

    /// <summary>What failed, when something did.</summary>
    public Exception? Exception { get; } = exception;
}

/// <summary>The kinds of reason an activation goes away for.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>None given.</summary>
    None,

    /// <summary>The process is stopping.</summary>
    ShuttingDown,

    /// <summary>Activating it failed.</summary>
    ActivationFailed,

    /// <summary>It was not used for its collection age.</summary>
    ActivationIdle = 4,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,
}
