namespace Orleans.Runtime;

/// <summary>The observer, or the process it lives in, is gone.</summary>
public class ClientNotAvailableException : OrleansException
{
    /// <summary>A failure without a text.</summary>
    public ClientNotAvailableException()
    {
    }

    /// <summary>A failure.</summary>
    public ClientNotAvailableException(string message) : base(message)
    {
    }

    /// <summary>A failure and what caused it.</summary>
    public ClientNotAvailableException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
