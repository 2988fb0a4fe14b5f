namespace IotPlatform.Bench.Servers;

/// <summary>A server that is this platform, in one process or in many, and takes all of its calls.</summary>
internal interface IPlatform : IServer
{
    /// <summary>Where its REST API is called.</summary>
    IReadOnlyList<int> HttpPorts { get; }

    /// <summary>Where its gRPC API is called.</summary>
    IReadOnlyList<int> GrpcPorts { get; }

    /// <summary>What calls are permitted with.</summary>
    string Key { get; }

    /// <summary>How many device messages its store has as delivered; null where the store can not be asked from outside.</summary>
    long? StoredAsDelivered();
}
