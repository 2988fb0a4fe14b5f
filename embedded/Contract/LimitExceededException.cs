namespace Orleans.Runtime;

/// <summary>Too many requests are waiting.</summary>
public class LimitExceededException : OrleansException
{
    /// <summary>A rejection without a text.</summary>
    public LimitExceededException()
    {
    }

    /// <summary>A rejection.</summary>
    public LimitExceededException(string message) : base(message)
    {
    }

    /// <summary>A rejection and what caused it.</summary>
    public LimitExceededException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
