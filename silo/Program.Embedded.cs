Console.Error.WriteLine("This build has the embedded engine, which runs inside the gateway. Build with -p:Engine=orleans for a silo of its own.");
return 1;
