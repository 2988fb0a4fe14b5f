namespace IotPlatform;

/// <summary>
/// The durable store did not answer, or refused to. What was to be written may have been: repeat it under the same id.
/// </summary>
[GenerateSerializer, Alias("iot.store-unavailable")]
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Without a word on why.</summary>
    public StoreUnavailableException()
        : this("The store is not available.")
    {
    }

    /// <summary>With a word on why.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With what the store said. The cause stays in the process that saw it.</summary>
    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
