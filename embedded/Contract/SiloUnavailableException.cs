namespace Orleans.Runtime;

/// <summary>The process that runs the grain is stopping or gone.</summary>
public class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>A rejection without a text.</summary>
    public SiloUnavailableException()
    {
    }

    /// <summary>A rejection.</summary>
    public SiloUnavailableException(string message) : base(message)
    {
    }

    /// <summary>A rejection and what caused it.</summary>
    public SiloUnavailableException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
