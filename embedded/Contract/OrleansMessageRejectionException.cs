namespace Orleans.Runtime;

/// <summary>A call was not accepted; it has not run.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    /// <summary>A rejection without a text.</summary>
    public OrleansMessageRejectionException()
    {
    }

    /// <summary>A rejection.</summary>
    public OrleansMessageRejectionException(string message) : base(message)
    {
    }

    /// <summary>A rejection and what caused it.</summary>
    public OrleansMessageRejectionException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
