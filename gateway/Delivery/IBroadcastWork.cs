namespace IotPlatform.Delivery;

/// <summary>Something that is done for a product's connections, in its turns.</summary>
internal interface IBroadcastWork
{
    /// <summary>Does a small part of it: others wait for their turn.</summary>
    /// <returns>Whether it is done.</returns>
    bool DoPart();

    /// <summary>It can not be done.</summary>
    void Fail(Exception exception);
}
