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
