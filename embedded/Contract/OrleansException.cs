namespace Orleans.Runtime;

/// <summary>The engine's own failures.</summary>
public class OrleansException : Exception
{
    /// <summary>A failure without a text.</summary>
    public OrleansException()
    {
    }

    /// <summary>A failure.</summary>
    public OrleansException(string message) : base(message)
    {
    }

    /// <summary>A failure and what caused it.</summary>
    public OrleansException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
