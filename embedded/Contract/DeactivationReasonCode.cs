namespace Orleans;

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
